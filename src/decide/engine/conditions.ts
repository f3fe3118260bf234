import { type Arm, type Evidence, SLOW_MS } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/automation.ts";
import type { ConditionFunctions } from "../../policy/cel/condition-functions.ts";
import { evaluate } from "../../policy/cel/evaluate.ts";
import type { Expression } from "../../policy/expression.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { verdict } from "../stats/canary.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import type { Checked, Claim } from "./condition.ts";
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
    seen: trace.map(({ text, value }) => ({ what: text, value })),
    unknown,
    claims,
  };
}

function functionsOf(
  ground: Ground,
  locals: Locals,
  { reads, claims }: { readonly reads: readonly string[]; readonly claims: Claim[] },
): ConditionFunctions {
  const { policySet, evidence, tick, before, approvedBy = [] } = ground;
  const sloOf = (name: string) => policySet.slos.find((each) => each.name === name);
  const canaryOf = (name: string) => {
    const known = before.rollouts[name];
    return known === undefined ? undefined : verdict(known.evidence);
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
    quantile: (service, q, seconds) => quantileOf({ service }, q, seconds, evidence),
    rate: (name, seconds) => {
      if (name === "requests") return requestRate(evidence, seconds);
      const values = valuesOf(name, seconds);
      return values && values.reduce((sum, value) => sum + value, 0) / values.length;
    },
    share: (tenant) => shareOf(tenant, evidence),
    anomaly: (signal) => anomalyOf(valuesOf(signal, 3600)),
    cost: (project, seconds) => {
      const values = valuesOf(`cost.${project}`, seconds);
      return values?.reduce((sum, value) => sum + value, 0);
    },
    forecast: (signal, ahead, q) => {
      const values =
        evidence.signal(signal)?.state === "ok" ? evidence.signalValues(signal, 3600) : [];
      const seconds = ahead === "eod" ? 86_400 - (tick % 86_400) : ahead;
      return forecastOf(values, tick + seconds, q);
    },
    headroom: () => undefined,
    age: (signal) => {
      if (signal !== "requests") return evidence.signal(signal)?.ageSeconds;
      const ages = evidence.services.map((service) => evidence.stateOf({ service }).ageSeconds);
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

function withSlo<T>(slo: Slo | undefined, ask: (slo: Slo) => T | undefined): T | undefined {
  return slo === undefined ? undefined : ask(slo);
}

function requestRate(evidence: Evidence, seconds: number): number | undefined {
  const counts = evidence.services.map((service) => evidence.countsOf({ service }, seconds));
  const heard = Math.max(0, ...counts.map((each) => each.seconds));
  return heard === 0 ? undefined : counts.reduce((sum, { requests }) => sum + requests, 0) / heard;
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

function shareOf(tenant: string, evidence: Evidence): number | undefined {
  const counts = evidence.services.map((service) => ({
    all: evidence.countsOf({ service }, 60).requests,
    theirs: evidence.countsOf({ service, tenant }, 60).requests,
  }));
  const all = counts.reduce((sum, each) => sum + each.all, 0);
  return all === 0 ? undefined : counts.reduce((sum, each) => sum + each.theirs, 0) / all;
}

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
