import type { Policy, PolicyAction, Severity } from "../../policy/automation.ts";
import type { PolicyState } from "../engine/policy-state.ts";
import type { AlertBook, Breach } from "./alert.ts";

/** An objective that burns too fast, as the engine judges it. */
export interface BurnState {
  readonly name: string;
  readonly slo: string;
  readonly service: string;
  readonly severity: Severity;
  readonly targets: readonly string[];
  readonly rule: string;
  readonly burn: number;
  readonly threshold: number;
  readonly windowSeconds: number;
  readonly posterior: number;
  readonly sinceTick: number;
  /** Absent: it has not held for long enough. */
  readonly decision?: string;
}

/** Objectives that burn, to be told of. */
export function burnBreaches(states: readonly BurnState[]): readonly Breach[] {
  return states.flatMap(({ name, rule, burn, decision, ...rest }) =>
    decision === undefined
      ? []
      : [
          {
            ...pick(rest),
            key: `slo/${name}`,
            title: `${rest.slo} burns its error budget ${figure(burn)} times too fast (${rule})`,
            value: burn,
            decision,
            causes: [],
          },
        ],
  );
}

function pick(state: Omit<BurnState, "name" | "rule" | "burn" | "decision">) {
  const { slo, service, severity, targets, threshold, windowSeconds, posterior, sinceTick } = state;
  return { slo, service, severity, targets, threshold, windowSeconds, posterior, sinceTick };
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

function isNotify(action: PolicyAction): action is PolicyAction & { readonly kind: "notify" } {
  return action.kind === "notify";
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
