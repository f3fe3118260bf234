import type { Policy } from "../../policy/intent/policy.ts";
import type { Runbook } from "../../policy/intent/runbook.ts";
import type { PolicySet } from "../../policy/policy-set.ts";

/** Names of the Runbooks that a Policy begins. */
export function runbooksOf({ runbook, then }: Policy): readonly string[] {
  const actions = then.flatMap((action) => (action.kind === "run" ? action.runbook : []));
  return [...new Set([...actions, ...(runbook === undefined ? [] : [runbook])])].sort();
}

/** Of an alert. */
export interface About {
  readonly policy?: string;
  readonly slo?: string;
  readonly service?: string;
}

/** What an alert has to do with: the Runbooks of its Policy, else of those that watch the same objective or service. */
export function runbooksFor(
  { policies, runbooks }: Pick<PolicySet, "policies" | "runbooks">,
  { policy, slo, service }: About,
): readonly Runbook[] {
  const about = policies.filter(({ name, verify, scope }) =>
    policy === undefined
      ? (slo !== undefined && verify?.signal === slo) ||
        (service !== undefined && scope.service === service)
      : name === policy,
  );
  const names = new Set(about.flatMap(runbooksOf));
  return runbooks.filter(({ name }) => names.has(name));
}
