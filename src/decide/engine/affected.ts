import { allRoutes } from "../../policy/all-routes.ts";
import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Target } from "../../policy/intent/target.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { targetOf } from "../act/action.ts";
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
  const services = servicesOf(action, policySet);
  if (services === undefined) return undefined;
  const requestsOf = (service: string) => evidence.countsOf({ service }, WINDOW_SECONDS).requests;
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + requestsOf(name), 0);
  const total = sum(evidence.services);
  return total === 0 ? undefined : (sum(services) / total) * partOf(action);
}

function servicesOf(
  action: Exclude<PolicyAction, { readonly kind: "notify" | "run" }>,
  policySet: PolicySet,
): readonly string[] | undefined {
  if (action.kind === "rollback") {
    const rollout = policySet.rollouts.find(({ name }) => name === action.rollout);
    return rollout && [rollout.service];
  }
  const target = targetOf(action, policySet);
  return target && [...new Set(behind(target, policySet))];
}

/** All that a gateway or a route sends to: more than passes there, where others send to them too, and never less. */
function behind({ kind, name }: Target, policySet: PolicySet): readonly string[] {
  if (kind === "service") return [name];
  return allRoutes(policySet)
    .filter((route) =>
      kind === "route"
        ? route.name === name
        : route.parents.some(({ gateway }) => gateway === name),
    )
    .flatMap(({ rules }) =>
      rules.flatMap(({ backends }) => backends.map(({ service }) => service)),
    );
}

/** Of the requests of its service. */
function partOf(action: PolicyAction): number {
  if (action.kind === "mirror") return action.ratio;
  if (action.kind === "fault") return Math.max(action.abort?.ratio ?? 0, action.delay?.ratio ?? 0);
  return 1;
}
