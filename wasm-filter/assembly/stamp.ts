import { replaceRequestHeader, Status } from "./host.ts";
import { TIER } from "./keys.ts";
import { equals } from "./memory.ts";
import { make } from "./reading.ts";
import { Scope, Tier } from "./records.ts";

/**
 * `x-qmesh-tier: critical;17`, the tier and the cohort (0..63) of a request, so that every hop decides alike: believed when
 * it arrives well formed with a tier of the scope, written on the request that goes on. Who may send it is not decided here:
 * a gateway strips it before any filter runs.
 */
const COHORTS: u32 = 64;
const SEMICOLON: u32 = 0x3b;
/** The cohort of the header last believed. */
export let believedCohort: u32 = 0;

/** The tier's name and a semicolon, made once; only the cohort's digits change from request to request. */
export function makeStamp(name: usize, nameSize: u32): usize {
  const stamp = make(nameSize + 3);
  memory.copy(stamp, name, nameSize);
  store<u8>(stamp + nameSize, SEMICOLON);
  return stamp;
}

/** Null if the request bears no stamp, or one that is not to be believed. */
export function believedTier(scope: Scope): Tier | null {
  if (TIER.valueSize < 3) return null;
  const isLong = load<u8>(TIER.value + TIER.valueSize - 3) === SEMICOLON;
  const nameSize = TIER.valueSize - (isLong ? 3 : 2);
  const cohort = readCohort(TIER.value + nameSize, isLong);
  if (cohort >= COHORTS) return null;
  believedCohort = cohort;
  let tier: Tier | null = scope.tiers;
  while (tier !== null && !equals(tier.name, tier.nameSize, TIER.value, nameSize)) tier = tier.next;
  return tier;
}

/** At a semicolon; without a leading zero, so that a stamp has one spelling. 64 or above: malformed. */
function readCohort(at: usize, isLong: bool): u32 {
  if (load<u8>(at) !== SEMICOLON) return COHORTS;
  const first = <u32>load<u8>(at + 1) - 0x30;
  if (first > 9) return COHORTS;
  if (!isLong) return first;
  const second = <u32>load<u8>(at + 2) - 0x30;
  return first === 0 || second > 9 ? COHORTS : first * 10 + second;
}

export function writeStamp(tier: Tier, cohort: u32): Status {
  let end = tier.stamp + tier.nameSize + 1;
  if (cohort > 9) store<u8>(end++, 0x30 + cohort / 10);
  store<u8>(end++, 0x30 + (cohort % 10));
  return replaceRequestHeader(TIER.name, TIER.nameSize, tier.stamp, <u32>(end - tier.stamp));
}
