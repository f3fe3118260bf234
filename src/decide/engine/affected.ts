import type { PolicyAction } from "../../policy/intent/action.ts";
import { serviceOf } from "../act/action.ts";
import type { Ground } from "./conditions.ts";

const WINDOW_SECONDS = 60;

/**
 * `affected.share`: of the mesh's requests of the last minute those that an action is about, in [0, 1]. Undefined: nobody knows,
 * as of a denial before its shadow has shown it.
 */
export function affectedShare(
  action: PolicyAction,
  { policySet, evidence }: Pick<Ground, "policySet" | "evidence">,
): number | undefined {
  if (action.kind === "notify" || action.kind === "run") return 0;
  if (action.kind === "deny") return undefined;
  const rollout = policySet.rollouts.find(
    ({ name }) => action.kind === "rollback" && name === action.rollout,
  );
  const service = action.kind === "rollback" ? rollout?.service : serviceOf(action, policySet);
  if (service === undefined) return undefined;
  const counts = evidence.services.map((name) => ({
    name,
    requests: evidence.countsOf({ service: name }, WINDOW_SECONDS).requests,
  }));
  const total = counts.reduce((sum, { requests }) => sum + requests, 0);
  const own = counts.find(({ name }) => name === service)?.requests ?? 0;
  return total === 0 ? undefined : (own / total) * partOf(action);
}

/** Of the requests of its service. */
function partOf(action: PolicyAction): number {
  if (action.kind === "mirror") return action.ratio;
  if (action.kind === "fault") return Math.max(action.abort?.ratio ?? 0, action.delay?.ratio ?? 0);
  return 1;
}
