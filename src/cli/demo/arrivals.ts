import { uniform } from "./random.ts";

/** Which requests are sent when: open loop, so a slow answer delays no later request. */
export interface Phase {
  readonly seconds: number;
  /** Offered requests per second, all tiers together. */
  readonly rps: number;
}

export interface TierShare {
  readonly name: string;
  /** Share of the requests, in [0,1]; all together 1. */
  readonly share: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its requests; absent: the order's. */
  readonly deadlineMs?: number;
}

export interface Arrival {
  readonly atMs: number;
  readonly phase: number;
  readonly tier: number;
}

/** A Poisson process whose rate follows the phases; the same for a seed, in order of time. */
export function* arrivals(
  phases: readonly Phase[],
  tiers: readonly TierShare[],
  seed: number,
): Generator<Arrival> {
  const next = uniform(seed);
  let startMs = 0;
  for (const [phase, { seconds, rps }] of phases.entries()) {
    const endMs = startMs + seconds * 1000;
    // Forgetting the last gap at a change of rate is right: the exponential has no memory.
    for (let atMs = startMs + gapMs(next(), rps); atMs < endMs; atMs += gapMs(next(), rps)) {
      yield { atMs, phase, tier: chooseTier(next(), tiers) };
    }
    startMs = endMs;
  }
}

function gapMs(u: number, rps: number): number {
  return (-Math.log(1 - u) / rps) * 1000;
}

function chooseTier(u: number, tiers: readonly TierShare[]): number {
  let sum = 0;
  for (const [index, { share }] of tiers.entries()) {
    sum += share;
    if (u < sum) return index;
  }
  return tiers.length - 1;
}
