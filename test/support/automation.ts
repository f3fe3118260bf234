import type { Judge } from "../../src/policy/intent/judge.ts";
import type { Policy } from "../../src/policy/intent/policy.ts";
import type { Rollout } from "../../src/policy/intent/rollout.ts";
import type { Slo } from "../../src/policy/intent/slo.ts";

/** 99 % of the requests to checkout are answered without an error. */
export function slo(parts: Partial<Slo> = {}): Slo {
  return {
    name: "availability",
    owner: "team-pay",
    service: "checkout",
    target: 0.99,
    windowSeconds: 30 * 86_400,
    indicator: { kind: "errors" },
    ...parts,
  };
}

/** Fewer retries once its budget burns. */
export function policy(parts: Partial<Policy> = {}): Policy {
  return {
    name: "relief",
    owner: "team-pay",
    class: "reliability",
    mode: "enforce",
    method: "probabilistic",
    scope: { service: "checkout", labels: {} },
    when: { text: 'burn("availability", "30s") > 5.0', reads: ["burn:availability"] },
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: [{ kind: "retries", service: "checkout", budgetRatio: 0.1 }],
    guard: { minIntervalSeconds: 60, budgetPerHour: 4, floor: {}, exempt: [] },
    verify: {
      signal: "availability",
      improve: { kind: "burnBelow", burn: 2 },
      sustainedSeconds: 60,
      withinSeconds: 300,
    },
    revert: { onHarm: true, onNoEffectSeconds: 300 },
    confidence: 0.9,
    ...parts,
  };
}

/** A version is worse or safe by these. */
const JUDGE: Judge = {
  worse: { alpha: 0.01, relativeRisk: 1.1, absolute: 0, errors: true, slowQuantiles: [] },
  safe: { beta: 0.05, relativeRisk: 1.25, minRequests: 2000, minErrors: 5, orSeconds: 600 },
  sampleRatioAlpha: 0.001,
};

/** Safe after 200 requests, and a minute where errors are too few. */
export const QUICK_JUDGE: Judge = {
  ...JUDGE,
  safe: { ...JUDGE.safe, minRequests: 200, orSeconds: 60 },
};

/** From v1 of checkout to v2, half of the requests first. */
export function rollout(parts: Partial<Rollout> = {}): Rollout {
  return {
    name: "checkout",
    owner: "team-pay",
    service: "checkout",
    stable: "v1",
    canary: "v2",
    steps: [
      { kind: "weight", percent: 50, forSeconds: 0 },
      { kind: "weight", percent: 100, forSeconds: 0 },
    ],
    judge: JUDGE,
    onWorse: { action: "rollback", drainSeconds: 30, lockSeconds: 3600 },
    ...parts,
  };
}
