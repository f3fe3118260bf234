import { type Evidence, sampledRatioOf } from "../../evidence/evidence.ts";
import type { Policy, Verify } from "../../policy/intent/policy.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import type { Claim } from "./condition.ts";
import { momentary, requestsOf } from "./indicator.ts";

/** Whether what a Policy verifies is really not as wished, and what that loses. */
export interface Problem {
  /** P(it is not as wished). */
  readonly chance: number;
  /** Bad requests a second beyond those the objective allows; absent: nobody counts what the signal costs. */
  readonly lossRps?: number;
  /** Whose requests they are alone. */
  readonly tier?: string;
}

/** How far back it is looked at: short enough to see a recovery, long enough for counts. */
export const PROBLEM_SECONDS = 30;

/** Undefined: unknown. `relative` has no level to be above: its condition alone says that something is wrong. */
export function problemOf(
  verify: Verify,
  measured: number | undefined,
  { policySet, evidence }: { readonly policySet: PolicySet; readonly evidence: Evidence },
): Problem | undefined {
  const found = policySet.slos.find(({ name }) => name === verify.signal);
  if (found !== undefined) {
    const slo = momentary(found);
    const balance = requestsOf(slo, evidence, PROBLEM_SECONDS);
    if (balance === undefined || balance.total === 0) return undefined;
    const allowed = 1 - slo.target;
    const wish = verify.improve.kind === "burnBelow" ? verify.improve.burn : 1;
    const chance = pRateAbove(balance.bad, balance.total, wish * allowed, allowed);
    const counted = sampledRatioOf({ service: slo.service, ...(slo.tier && { tier: slo.tier }) });
    const lossRps = Math.max(0, balance.bad - allowed * balance.total) / balance.seconds / counted;
    return { chance, lossRps, ...(slo.tier !== undefined && { tier: slo.tier }) };
  }
  if (measured === undefined) return undefined;
  const { improve } = verify;
  if (improve.kind !== "below") return { chance: 1 };
  const values = evidence.signalValues(verify.signal, PROBLEM_SECONDS).map(({ value }) => value);
  const above = values.filter((value) => value >= improve.value).length;
  return { chance: (above + 0.5) / (values.length + 1) };
}

/**
 * What the condition itself says of it, over the window its author chose, counts as said while what is measured now agrees:
 * else a Policy would ask for a condition, see it hold, and doubt it for another half minute.
 */
export function withClaims(
  problem: Problem,
  { signal, improve }: Verify,
  {
    measured,
    claims,
  }: { readonly measured: number | undefined; readonly claims: readonly Claim[] },
): Problem {
  if (improve.kind === "relative" || measured === undefined) return problem;
  const wish = improve.kind === "burnBelow" ? improve.burn : improve.value;
  if (measured < wish) return problem;
  const said = claims.filter(({ of, above }) => of === signal && above >= wish);
  return { ...problem, chance: Math.max(problem.chance, ...said.map(({ chance }) => chance)) };
}

/** Services a Policy is about: those of its objective, its scope, its actions; none named: all that are heard. */
export function servicesOf(
  { verify, scope, then }: Policy,
  { policySet, evidence }: { readonly policySet: PolicySet; readonly evidence: Evidence },
): readonly string[] {
  const slo = policySet.slos.find(({ name }) => name === verify?.signal);
  const named = slo?.service ?? scope.service;
  if (named !== undefined) return [named];
  const acted = then.flatMap((action) => {
    if ("service" in action && action.service !== undefined) return [action.service];
    const limit =
      action.kind === "rateLimit"
        ? policySet.rateLimits.find(({ name }) => name === action.name)
        : undefined;
    return limit?.target.kind === "service" ? [limit.target.name] : [];
  });
  const services = [...new Set(acted)].sort();
  return services.length > 0 ? services : evidence.services;
}
