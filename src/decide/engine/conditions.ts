import { type Arm, type Evidence, SLOW_MS } from "../../evidence/evidence.ts";
import { disagreementsOf } from "../../evidence/sample-check.ts";
import type { ConditionFunctions } from "../../policy/cel/condition-functions.ts";
import { evaluate } from "../../policy/cel/evaluate.ts";
import type { Expression } from "../../policy/expression.ts";
import type { Scope } from "../../policy/intent/scope.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { verdict } from "../stats/canary.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import type { Checked, Claim } from "./condition.ts";
import { headroomOf } from "./headroom.ts";
import { balanceOf, burnOf } from "./indicator.ts";
import { labelsOf } from "./resolve.ts";
import type { EngineState } from "./state.ts";

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
  const valuesOf = (signal: string, seconds: number): readonly number[] | undefined => {
    if (evidence.signal(signal)?.state !== "ok") return undefined;
    const values = evidence.signalValues(signal, seconds).map(({ value }) => value);
    return values.length === 0 ? undefined : values;
  };
  const claim = (of: string, above: number, chance: number | undefined): number | undefined => {
    if (chance !== undefined) claims.push({ of, above, chance });
    return chance;
  };
  const labelOf = (name: string): string | undefined =>
    name.startsWith("signal.")
      ? labelsOf(reads, evidence)[name.slice("signal.".length)]
      : undefined;
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
    quantile: (service, q, seconds) =>
      evidence.stateOf({ service }).state === "blind"
        ? undefined
        : quantileOf({ service }, q, seconds, evidence),
    rate: (name, seconds) => {
      if (name === "requests") return requestRate(evidence, services, seconds);
      const values = valuesOf(name, seconds);
      return values && values.reduce((sum, value) => sum + value, 0) / values.length;
    },
    share: (tenant) => shareOf(tenant, services, evidence),
    anomaly: (signal) => anomalyOf(valuesOf(signal, 3600)),
    cost: (project, seconds) => {
      const signal = `cost.${project}`;
      return evidence.signal(signal)?.state === "ok"
        ? evidence.signalSum(signal, seconds)
        : undefined;
    },
    forecast: (signal, ahead, q) => {
      const values =
        evidence.signal(signal)?.state === "ok" ? evidence.signalValues(signal, 3600) : [];
      const seconds = ahead === "eod" ? 86_400 - (tick % 86_400) : ahead;
      return forecastOf(values, tick + seconds, q);
    },
    headroom: (locality, q) => {
      const arms = services
        .filter((service) => evidence.partsOf(service, "locality").includes(locality))
        .map((service) => ({ service, locality }));
      return headroomOf(evidence, arms, q);
    },
    disagreement: (service) => {
      const found = disagreementsOf(evidence, service);
      return found && Math.max(0, ...found.map(({ ratio }) => ratio));
    },
    age: (signal) => {
      if (signal !== "requests") return evidence.signal(signal)?.ageSeconds;
      const ages = services.map((service) => evidence.stateOf({ service }).ageSeconds);
      return ages.length === 0 ? undefined : Math.min(...ages);
    },
    pAbove: (signal, x, seconds) => {
      const values = valuesOf(signal, seconds);
      if (values === undefined) return undefined;
      const above = values.filter((value) => value > x).length;
      return claim(signal, x, (above + 0.5) / (values.length + 1));
    },
    siemScore: (name) => {
      const reading = evidence.signal(name);
      return reading?.state === "ok" ? reading.value : undefined;
    },
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

function requestRate(
  evidence: Evidence,
  services: readonly string[],
  seconds: number,
): number | undefined {
  const heard = services.filter((service) => evidence.stateOf({ service }).state !== "blind");
  const counts = heard.map((service) => evidence.countsOf({ service }, seconds));
  const most = Math.max(0, ...counts.map((each) => each.seconds));
  return most === 0 ? undefined : counts.reduce((sum, { requests }) => sum + requests, 0) / most;
}

/** Seconds, between the edges of the histogram by a straight line. */
function quantileOf(arm: Arm, q: number, seconds: number, evidence: Evidence): number | undefined {
  const { timed, slow } = evidence.countsOf(arm, seconds);
  if (timed === 0) return undefined;
  const allowed = (1 - q) * timed;
  const at = slow.findIndex((count) => count <= allowed);
  if (at < 0) return (SLOW_MS.at(-1) ?? 0) / 1000;
  const below = at === 0 ? timed : (slow[at - 1] ?? timed);
  const above = slow[at] ?? 0;
  const from = at === 0 ? 0 : (SLOW_MS[at - 1] ?? 0);
  const to = SLOW_MS[at] ?? from;
  const part = below === above ? 1 : (below - allowed) / (below - above);
  return (from + (to - from) * part) / 1000;
}

/** Of the sample of the access log, in the last minute: fewer than 30 requests show no share. */
function shareOf(
  tenant: string,
  services: readonly string[],
  evidence: Evidence,
): number | undefined {
  const source = "access log";
  const heard = services.filter((service) => {
    return evidence.stateOf({ service, source }).state !== "blind";
  });
  const total = (arm: (service: string) => Arm) =>
    heard.reduce((sum, service) => sum + evidence.countsOf(arm(service), 60).requests, 0);
  const all = total((service) => ({ service, source }));
  return all < LEAST_SAMPLE ? undefined : total((service) => ({ service, tenant })) / all;
}

const LEAST_SAMPLE = 30;

/** Share of the past hour's values that lie nearer to their median than the newest does. */
function anomalyOf(values: readonly number[] | undefined): number | undefined {
  const newest = values?.at(-1);
  if (values === undefined || newest === undefined || values.length < 30) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? newest;
  const distance = Math.abs(newest - median);
  return values.filter((value) => Math.abs(value - median) < distance).length / values.length;
}

type Sampled = readonly { readonly tick: number; readonly value: number }[];

/** A straight line through the past hour, and the spread about it; undefined below 10 values. */
function forecastOf(values: Sampled, at: number, q: number): number | undefined {
  if (values.length < 10) return undefined;
  const n = values.length;
  const meanX = values.reduce((sum, { tick }) => sum + tick, 0) / n;
  const meanY = values.reduce((sum, { value }) => sum + value, 0) / n;
  const sxx = values.reduce((sum, { tick }) => sum + (tick - meanX) ** 2, 0);
  const sxy = values.reduce((sum, { tick, value }) => sum + (tick - meanX) * (value - meanY), 0);
  const slope = sxx === 0 ? 0 : sxy / sxx;
  const expected = meanY + slope * (at - meanX);
  const residuals = values
    .map(({ tick, value }) => value - meanY - slope * (tick - meanX))
    .sort((a, b) => a - b);
  return expected + (residuals[Math.min(n - 1, Math.floor(q * n))] ?? 0);
}
