import { nowUs, readMetric, recordMetric } from "./host.ts";

/**
 * A VM that traps ends all that is in flight in it, so requests that trap it again and again cost the others theirs. Each
 * VM that takes the place of one that died pays into a gauge of the whole Envoy (GCRA, https://en.wikipedia.org/wiki/GCRA):
 *
 *     next = min(max(next, now), now + 12 s) + 4 s        the new VM rests until next - 12 s, at most 4 s
 *
 * Three deaths are free; after that a VM that rests admits and counts without looking at the request, so what trapped the
 * others cannot trap it. New code under load looks the same: from the fourth worker on its VMs rest once.
 */
const STEP_US: u64 = 4000000;
const FREE_US: u64 = 3 * STEP_US;
let restUntilUs: u64 = 0;

export function noteReplaced(gauge: u32): void {
  const now = nowUs();
  const next = min<u64>(max<u64>(readMetric(gauge), now), now + FREE_US) + STEP_US;
  recordMetric(gauge, next);
  restUntilUs = next - FREE_US;
}

/** A moment in the past, and one too far ahead as where a clock ran back, is a difference above a step. */
export function isResting(): bool {
  if (restUntilUs === 0) return false;
  if (restUntilUs - nowUs() <= STEP_US) return true;
  restUntilUs = 0;
  return false;
}
