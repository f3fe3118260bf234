import type { TierCount } from "../src/cli/demo/load.ts";

/** What was asked and served in one interval of a load, all tiers together. */
export interface Interval {
  readonly offered: number;
  readonly served: number;
}

export const INTERVAL_MS = 100;
const WINDOW = 5;
const ENOUGH = 0.95;

export function toInterval(tiers: readonly TierCount[]): Interval {
  return {
    offered: tiers.reduce((sum, tier) => sum + tier.offered, 0),
    served: tiers.reduce((sum, tier) => sum + tier.served, 0),
  };
}

/**
 * Seconds from the start of `intervals` until 95 % of what could be served is: in the half second that follows, and in
 * all that is left. Infinity if it never is. `capacity` is what one interval can serve at most.
 */
export function recoverySeconds(intervals: readonly Interval[], capacity: number): number {
  const isEnough = (part: readonly Interval[]) => {
    const offered = part.reduce((sum, interval) => sum + interval.offered, 0);
    const served = part.reduce((sum, interval) => sum + interval.served, 0);
    return served >= ENOUGH * Math.min(offered, capacity * part.length);
  };
  for (let at = 0; at + WINDOW <= intervals.length; at++) {
    if (isEnough(intervals.slice(at, at + WINDOW)) && isEnough(intervals.slice(at)))
      return (at * INTERVAL_MS) / 1000;
  }
  return Number.POSITIVE_INFINITY;
}
