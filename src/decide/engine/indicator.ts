import type { Arm, Counts, Evidence } from "../../evidence/evidence.ts";
import { SLOW_MS } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import { leftOutArm, sliceArm, tierArm } from "./account-arms.ts";

/** Good and bad of an objective over a window, from counts; undefined: nothing may be concluded. */
export interface Balance {
  readonly bad: number;
  readonly total: number;
  /** Seconds that had evidence. */
  readonly seconds: number;
}

/** What an objective has used of its budget: its slices, or its requests less those left out. */
export function balanceOf(slo: Slo, evidence: Evidence, seconds: number): Balance | undefined {
  if (slo.timeslice !== undefined) return slices(slo, slo.timeslice.seconds, evidence, seconds);
  if (slo.tier !== undefined) return accounted(tierArm(slo), evidence, seconds);
  const balance = requestsOf(slo, evidence, seconds);
  const { service, indicator } = slo;
  if (balance === undefined || indicator.kind === "prometheus") return balance;
  const left = evidence.countsOf(leftOutArm(service), seconds);
  if (left.seconds === 0) return balance;
  const off = counted(slo, left);
  return {
    bad: Math.max(0, balance.bad - off.bad),
    total: Math.max(0, balance.total - off.total),
    seconds: Math.max(0, balance.seconds - off.seconds),
  };
}

/** Each slice counts once, in its last second. */
function slices(
  slo: Slo,
  sliceSeconds: number,
  evidence: Evidence,
  seconds: number,
): Balance | undefined {
  const found = accounted(sliceArm(slo), evidence, seconds);
  return found && { ...found, seconds: found.total * sliceSeconds };
}

function accounted(arm: Arm, evidence: Evidence, window: number): Balance | undefined {
  if (evidence.stateOf({ service: arm.service }).state === "blind") return undefined;
  const { requests, errors, seconds } = evidence.countsOf(arm, window);
  return { bad: errors, total: requests, seconds };
}

/**
 * Requests good and bad, whatever an objective makes of them. `part`: of some of the Envoys, or of one locality; absent: of
 * the whole service.
 */
export function requestsOf(
  slo: Slo,
  evidence: Evidence,
  seconds: number,
  part: Pick<Arm, "cohort" | "locality"> = {},
): Balance | undefined {
  const arm = { ...part, service: slo.service };
  if (evidence.stateOf(arm).state === "blind") return undefined;
  if (slo.indicator.kind === "prometheus") {
    return Object.keys(part).length === 0 ? queried(slo, evidence, seconds) : undefined;
  }
  const counts = evidence.countsOf(arm, seconds);
  if (counts.seconds === 0) return undefined;
  if (slo.tier === undefined) return counted(slo, counts);
  // A request of a tier is sampled now and then; whether it is listened to, the whole says. No part tells tiers apart.
  const ofTier = evidence.countsOf({ service: slo.service, tier: slo.tier }, seconds);
  return Object.keys(part).length > 0
    ? undefined
    : { ...counted(slo, ofTier), seconds: counts.seconds };
}

function counted({ indicator }: Slo, counts: Counts): Balance {
  return indicator.kind === "latency"
    ? {
        bad: slowerThan(counts, indicator.thresholdMs),
        total: counts.timed,
        seconds: counts.seconds,
      }
    : { bad: counts.errors, total: counts.requests, seconds: counts.seconds };
}

/** The highest target requests can be held to: one of 1 would allow none, and nothing is a multiple of that. */
const MOST_TARGET = 0.9999;

/**
 * An objective as it is asked of seconds, in which there is no slice: by its requests, against what is asked of each slice.
 */
export function momentary({ timeslice, ...slo }: Slo): Slo {
  if (timeslice === undefined) return slo;
  return { ...slo, target: Math.min(MOST_TARGET, timeslice.target) };
}

/** Two counters that a query gives: what they rose by. */
function queried(slo: Slo, evidence: Evidence, seconds: number): Balance | undefined {
  const rise = (part: "good" | "total"): number | undefined => {
    const values = evidence.signalValues(`slo.${slo.name}.${part}`, seconds);
    const first = values[0];
    const last = values.at(-1);
    if (first === undefined || last === undefined || values.length < 2) return undefined;
    return last.value >= first.value ? last.value - first.value : undefined;
  };
  const good = rise("good");
  const total = rise("total");
  if (good === undefined || total === undefined) return undefined;
  return { bad: Math.max(0, total - good), total, seconds };
}

/** Requests slower than the edge of the histogram nearest above the threshold. */
export function slowerThan({ slow }: Counts, thresholdMs: number): number {
  const at = SLOW_MS.findIndex((edge) => edge >= thresholdMs);
  return (at < 0 ? slow.at(-1) : slow[at]) ?? 0;
}

/** Multiples of the rate that would just use up the error budget; undefined without a request. */
export function burnOf({ target }: Slo, balance: Balance | undefined): number | undefined {
  if (balance === undefined || balance.total === 0) return undefined;
  return balance.bad / balance.total / (1 - target);
}
