import type { Evidence } from "../../evidence/evidence.ts";
import type { ConditionFunctions } from "../../policy/cel/condition-functions.ts";
import { evaluate } from "../../policy/cel/evaluate.ts";
import type { Expression } from "../../policy/expression.ts";
import type { Scope } from "../../policy/intent/scope.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { verdict } from "../stats/canary.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import type { Checked, Claim } from "./condition.ts";
import { balanceOf, burnOf } from "./indicator.ts";
import { labelsOf } from "./resolve.ts";
import { type MakeClaim, signalFunctions } from "./signal-functions.ts";
import type { EngineState } from "./state.ts";
import { trafficFunctions } from "./traffic-functions.ts";

/** Variables of a guardrail: the mesh as it would be. */
export type Locals = Readonly<Record<string, boolean | number | string>>;

/** What conditions are asked of. */
export interface Ground {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  readonly tick: number;
  readonly before: EngineState;
  /** Of the document that asks; absent, or without a service: about all of them. */
  readonly scope?: Scope;
  /** Roles of those who have approved what is about to be done. */
  readonly approvedBy?: readonly string[];
}

export function check(condition: Expression, ground: Ground, locals: Locals = {}): Checked {
  const claims: Claim[] = [];
  const { value, trace, unknown } = evaluate(
    condition,
    functionsOf(ground, locals, { reads: condition.reads, claims }),
  );
  return {
    value: typeof value === "boolean" ? value : undefined,
    seen: trace,
    unknown,
    claims,
  };
}

function functionsOf(
  ground: Ground,
  locals: Locals,
  { reads, claims }: { readonly reads: readonly string[]; readonly claims: Claim[] },
): ConditionFunctions {
  const { policySet, evidence, tick, before, scope, approvedBy = [] } = ground;
  const services =
    scope?.service === undefined || scope.service === "*" ? evidence.services : [scope.service];
  const sloOf = (name: string) => slosOf(policySet).get(name);
  const canaryOf = (name: string) => {
    const known = before.rollouts[name];
    const service = policySet.rollouts.find((each) => each.name === name)?.service;
    const isBlind = service === undefined || evidence.stateOf({ service }).state === "blind";
    return known === undefined || isBlind ? undefined : verdict(known.evidence);
  };
  const claim: MakeClaim = (of, above, chance) => {
    if (chance !== undefined) claims.push({ of, above, chance });
    return chance;
  };
  const labelOf = (name: string): string | undefined =>
    name.startsWith("signal.")
      ? labelsOf(reads, evidence)[name.slice("signal.".length)]
      : undefined;
  const traffic = trafficFunctions(evidence, services);
  const signals = signalFunctions(evidence, tick, claim);
  return {
    burn: (slo, seconds) =>
      withSlo(sloOf(slo), (each) => burnOf(each, balanceOf(each, evidence, seconds))),
    pBurn: (slo, seconds, x) =>
      withSlo(sloOf(slo), (each) => {
        const balance = balanceOf(each, evidence, seconds);
        const allowed = 1 - each.target;
        const chance = balance && pRateAbove(balance.bad, balance.total, x * allowed, allowed);
        return claim(slo, x, chance);
      }),
    evidence: (rollout, claim) => {
      const found = canaryOf(rollout);
      return found && (claim === "worse" ? found.eWorse : found.eSafe);
    },
    pWorse: (rollout, margin) => canaryOf(rollout)?.pWorse(margin),
    ...traffic,
    ...signals,
    rate: (name, seconds) =>
      name === "requests" ? traffic.requestRate(seconds) : signals.rate(name, seconds),
    age: (name) => (name === "requests" ? traffic.requestAge() : signals.age(name)),
    approved: (role) => approvedBy.includes(role),
    actionsLast: (seconds) => before.actedTicks.filter((at) => tick - at < seconds).length,
    variable: (name) => locals[name] ?? labelOf(name),
  };
}

/** By name: a thousand conditions ask for a dozen each, every second. */
function slosOf(policySet: PolicySet): ReadonlyMap<string, Slo> {
  const known = SLOS.get(policySet) ?? new Map(policySet.slos.map((slo) => [slo.name, slo]));
  SLOS.set(policySet, known);
  return known;
}

const SLOS = new WeakMap<PolicySet, ReadonlyMap<string, Slo>>();

function withSlo<T>(slo: Slo | undefined, ask: (slo: Slo) => T | undefined): T | undefined {
  return slo === undefined ? undefined : ask(slo);
}
