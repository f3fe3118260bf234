import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import type { Runbook } from "../../policy/intent/runbook.ts";
import type { AlertState } from "../engine/alerts.ts";
import type { PolicyState } from "../engine/policy-state.ts";
import type { Run } from "../runbook/run.ts";
import type { AlertBook, Breach } from "./alert.ts";

/** Objectives that burn, to be told of; whom an AlertPolicy does not say, the owner of the objective. */
export function burnBreaches(
  states: readonly AlertState[],
  ownerOf: (slo: string) => string | undefined,
): readonly Breach[] {
  return states.flatMap(({ name, rule, burn, decision, ...rest }) =>
    decision === undefined
      ? []
      : [
          {
            slo: rest.slo,
            service: rest.service,
            severity: rest.severity,
            targets: rest.targets.length > 0 ? rest.targets : [ownerOf(rest.slo) ?? []].flat(),
            threshold: rest.threshold,
            windowSeconds: rest.windowSeconds,
            posterior: rest.posterior,
            sinceTick: rest.sinceTick,
            key: `slo/${name}`,
            title: `${rest.slo} burns its error budget ${figure(burn)} times too fast (${rule})`,
            value: burn,
            decision,
            causes: [],
          },
        ],
  );
}

/** Policies in force whose condition holds, or whose action is still there, and that tell somebody. */
export function policyBreaches(
  policies: readonly Policy[],
  states: Readonly<Record<string, PolicyState>>,
  { facts }: Pick<AlertBook, "facts">,
): readonly Breach[] {
  return policies.flatMap((policy) => {
    const state = states[policy.name];
    const known = facts[policy.name];
    if (policy.mode === "shadow" || policy.mode === "off" || known === undefined) return [];
    if (state === undefined || (state.when !== true && state.active === undefined)) return [];
    const { service } = policy.scope;
    const slo = policy.verify?.signal;
    return policy.then.filter(isNotify).map(({ severity, to }) => ({
      key: `policy/${policy.name}/${severity}/${to}`,
      severity,
      title: `${policy.name}: ${policy.when.text}`,
      ...(service !== undefined && { service }),
      ...(slo !== undefined && { slo }),
      policy: policy.name,
      targets: [to],
      ...known,
      sinceTick: state.active?.sinceTick ?? state.whenTick,
    }));
  });
}

/** A run that failed is told for so long. */
const FAILED_SECONDS = 1800;

/** Runs that failed, where the Runbook wants people to know. */
export function runbookBreaches(
  runs: readonly Run[],
  runbooks: readonly Runbook[],
  tick: number,
): readonly Breach[] {
  return runs.flatMap((run): readonly Breach[] => {
    const { id, state, endedTick = 0, why = "", service, policy, decision } = run;
    const runbook = runbooks.find(({ name }) => name === run.runbook);
    const isRecent = state === "failed" && tick - endedTick < FAILED_SECONDS;
    if (!isRecent || runbook === undefined || runbook.onFail === "ignore") return [];
    return [
      {
        key: `runbook/${id}`,
        severity: runbook.onFail,
        title: `Runbook ${run.runbook} failed: ${why}`,
        ...(service !== undefined && { service }),
        policy,
        targets: [runbook.owner],
        value: run.step,
        threshold: runbook.steps.length,
        windowSeconds: runbook.timeoutSeconds,
        sinceTick: endedTick,
        decision,
        causes: [],
      },
    ];
  });
}

function isNotify(action: PolicyAction): action is PolicyAction & { readonly kind: "notify" } {
  return action.kind === "notify";
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
