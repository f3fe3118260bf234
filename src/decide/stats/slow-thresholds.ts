import { type Counts, SLOW_MS } from "../../evidence/evidence.ts";

/**
 * Which edges of the histogram stand for p90, p95, p99: those where the share of the stable version's requests that are
 * slower is nearest to 10, 5, 1 %. Chosen once there are enough requests and again every minute, always from seconds
 * already judged: a threshold that may not know what comes next leaves the law of the evidence as it is.
 */
export interface SlowThresholds {
  /** Of the stable version, older ones fading. */
  readonly slow: readonly number[];
  readonly timed: number;
  readonly sinceSeconds: number;
  /** Index into `SLOW_MS` by quantile; empty: too few requests yet. */
  readonly chosen: readonly number[];
}

export const NO_THRESHOLDS: SlowThresholds = {
  slow: SLOW_MS.map(() => 0),
  timed: 0,
  sinceSeconds: 0,
  chosen: [],
};

const LEAST_TIMED = 500;
const MOST_TIMED = 50_000;
const CHOSEN_FOR_SECONDS = 60;

/** After the second has been judged with `known.chosen`. */
export function learnThresholds(
  known: SlowThresholds,
  quantiles: readonly number[],
  stable: Counts,
): SlowThresholds {
  if (quantiles.length === 0) return known;
  const fade = known.timed > MOST_TIMED ? 0.5 : 1;
  const slow = known.slow.slice();
  for (let at = 0; at < slow.length; at++) {
    slow[at] = fade * (slow[at] ?? 0) + (stable.slow[at] ?? 0);
  }
  const timed = fade * known.timed + stable.timed;
  const sinceSeconds = known.sinceSeconds + 1;
  const isDue = known.chosen.length === 0 || sinceSeconds >= CHOSEN_FOR_SECONDS;
  if (!isDue || timed < LEAST_TIMED) return { slow, timed, sinceSeconds, chosen: known.chosen };
  const chosen = quantiles.map((quantile) => nearest(slow, timed, 1 - quantile));
  return { slow, timed, sinceSeconds: 0, chosen };
}

/** By ratio of shares; the lower threshold of two as near. */
function nearest(slow: readonly number[], timed: number, share: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  slow.forEach((count, at) => {
    const distance = Math.abs(Math.log((count + 0.5) / (timed + 1) / share));
    if (distance < least) {
      least = distance;
      best = at;
    }
  });
  return best;
}
