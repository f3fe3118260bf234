/** What may be behind a bad signal. */
export const HYPOTHESES = [
  "fine",
  "canary fault",
  "shared dependency",
  "overload",
  "locality fault",
  "attack",
  "telemetry fault",
] as const;

export type Hypothesis = (typeof HYPOTHESES)[number];
export type Belief = Readonly<Record<Hypothesis, number>>;

/**
 * What is seen, each 0 (not at all) to 1 (fully), and how much it speaks for a hypothesis: nats at 1, linear below. A
 * hypothesis that is not named is left as it is. Absent features say nothing.
 */
export const FEATURES = {
  /** Burn of the objective above its page rule. */
  burning: { fine: -4, "telemetry fault": -1 },
  /** Evidence that the canary is worse, of that needed. */
  canaryWorse: { "canary fault": 4, fine: -2, "shared dependency": -2, overload: -1 },
  /** Errors of versions, localities and callers rise alike. */
  allAlike: { "shared dependency": 3, "canary fault": -3, "locality fault": -3 },
  /** Share of the errors in one locality beyond its share of requests. */
  oneLocality: { "locality fault": 4, "shared dependency": -2 },
  /** Requests in flight at the limit, requests shed. */
  saturated: { overload: 3, fine: -1 },
  /** Share of the requests from callers above their own baseline. */
  oneCaller: { attack: 3, overload: 1 },
  /** Sources that disagree, late or reset counters. */
  telemetryOff: { "telemetry fault": 4, fine: -2 },
} as const satisfies Readonly<Record<string, Partial<Belief>>>;

export type Features = Partial<Readonly<Record<keyof typeof FEATURES, number>>>;

/** Before anything is seen. */
export const PRIOR: Belief = {
  fine: 0.9,
  "canary fault": 0.03,
  "shared dependency": 0.02,
  overload: 0.02,
  "locality fault": 0.01,
  attack: 0.01,
  "telemetry fault": 0.01,
};

/** No single feature may weigh more than this, nats. */
export const CAP = 4;

/** Log-linear: prior times exp of the capped sums; sums to 1. What has a prior of 0 is never believed. */
export function believe(features: Features, prior: Belief = PRIOR): Belief {
  const lns = HYPOTHESES.map(
    (hypothesis) => Math.log(prior[hypothesis]) + support(hypothesis, features),
  );
  const top = Math.max(...lns);
  const weights = lns.map((ln) => Math.exp(ln - top));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const entries = HYPOTHESES.map((hypothesis, at) => [hypothesis, (weights[at] ?? 0) / sum]);
  return Object.fromEntries(entries);
}

function support(hypothesis: Hypothesis, features: Features): number {
  let nats = 0;
  for (const [name, weights] of Object.entries(FEATURES)) {
    const seen = features[name as keyof typeof FEATURES] ?? 0;
    const weight = (weights as Partial<Belief>)[hypothesis] ?? 0;
    nats += Math.max(-CAP, Math.min(CAP, weight * Math.max(0, Math.min(1, seen))));
  }
  return nats;
}
