import { Verdict } from "./verdict.ts";

/**
 * Contract placeholder being written: concurrency limit + tier gate of one Shedding scope.
 */
export class Shed {
  private tierCount: number = 1;
  private limitNow: number = 16;
  private minLimit: number = 1;
  private maxLimit: number = 1000;

  /** Bounds of the limit, requests: 1 <= min <= initial <= max. A learned limit is kept, clamped into them; `initial` counts only before the first sample. */
  setBounds(min: number, max: number, initial: number): void {
    this.minLimit = min;
    this.maxLimit = max;
    this.limitNow = initial;
  }

  /** Number of tiers, 1..8, 0 is the most important. */
  setTiers(count: number): void {
    this.tierCount = count;
  }

  /** Concurrency found, requests, in [min, max]. */
  get limit(): number {
    return this.limitNow;
  }

  /** `inflight`: requests in flight without this one. Allocates nothing, changes nothing. */
  admit(tier: number, inflight: number): Verdict {
    return inflight < this.limitNow ? Verdict.Admit : Verdict.ShedLimit;
  }

  /**
   * Closes a window. Totals are cumulative counts of the whole Envoy; one that runs back counts as no change.
   * `rttMsTotal`: sum over completed requests of time to response headers, ms.
   * `lostTotal`: requests that ended without response headers (timeout, reset, client gone).
   */
  tick(
    nowMs: number,
    admittedTotal: number,
    shedTotal: number,
    completedTotal: number,
    lostTotal: number,
    rttMsTotal: number,
    inflight: number,
  ): void {}
}
