import { type Counts, SLOW_MS } from "../../evidence/evidence.ts";

/**
 * What tenants get beside what is fair. No tenant has a limit of its own: those of one tier share what the limit lets through,
 * max-min by weight. The filter tells of no tenant by name, so both are of the requests that Envoys log.
 */
export interface Asking {
  /** Requests a second, let in or not. */
  readonly askedRps: number;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Each one's part of what was let in: min(asked, level x weight), at the level where all parts together are `admittedRps`. The
 * filter divides its marginal tier only, which a refused request does not name, so this is over all tiers.
 */
export function fairParts(asking: readonly Asking[], admittedRps: number): readonly number[] {
  let left = admittedRps;
  let weights = asking.reduce((sum, { weight }) => sum + weight, 0);
  // Whoever asks for less than the level gets all of it; what that leaves is the others'.
  for (const each of asking.toSorted((a, b) => levelOf(a) - levelOf(b))) {
    if (levelOf(each) * weights > left) {
      const level = Math.max(0, left) / weights;
      return asking.map(({ askedRps, weight }) => Math.min(askedRps, level * weight));
    }
    left -= each.askedRps;
    weights -= each.weight;
  }
  return asking.map(({ askedRps }) => askedRps);
}

function levelOf({ askedRps, weight }: Asking): number {
  return askedRps / weight;
}

/** Requests in flight on average: their rate times their mean time (Little), by the middle of each bucket of times. */
export function meanInflight(requestRps: number, { slow, timed }: Counts): number | undefined {
  if (!(timed > 0)) return undefined;
  const above = [timed, ...slow];
  const ms = above.reduce((sum, count, at) => {
    const from = SLOW_MS[at - 1] ?? 0;
    const to = SLOW_MS[at] ?? from;
    return sum + ((from + to) / 2) * Math.max(0, count - (above[at + 1] ?? 0));
  }, 0);
  return (requestRps * ms) / timed / 1000;
}
