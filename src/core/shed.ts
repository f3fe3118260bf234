import { ConcurrencyLimit } from "./limit.ts";
import { Verdict } from "./verdict.ts";

/**
 * The shedding law of one scope: a concurrency limit and a gate per tier above it (trunk reservation),
 *
 *     gate(last tier) = limit
 *     gate(tier)      = limit + reserve * (tiers - 1 - tier) / (2 * (tiers - 1)),   tier > 0
 *     gate(0)         = limit + reserve,   reserve = limit / 2 + 3 * sqrt(limit)
 *
 * A tier is admitted while the requests in flight are below its gate. Under overload the least important tier that
 * does not fit holds the concurrency at its own gate; a more important one meets free places there: with a share r of
 * capacity it finds its gate shut about once in r^-(distance of the gates). Nothing waits in a queue here.
 * Never sheds when nothing is in flight. Allocates only when constructed.
 */
const MAX_TIERS: number = 8;
const RESERVE_SHARE: number = 0.5;
const RESERVE_ROOT: number = 3;

export class Shed {
  private limiter: ConcurrencyLimit = new ConcurrencyLimit();
  private gates: Float64Array = new Float64Array(8);
  private tiers: number = 1;

  constructor() {
    this.openGates();
  }

  /**
   * Bounds of the limit, requests: 1 <= min <= initial <= max. A learned limit is kept, clamped into them; `initial`
   * counts only before the first window of samples.
   */
  setBounds(min: number, max: number, initial: number): void {
    this.limiter.setBounds(min, max, initial);
    this.openGates();
  }

  /** Number of tiers, clamped to 1..8; 0 is the most important. */
  setTiers(count: number): void {
    const whole: number = Math.floor(count);
    this.tiers = whole >= 1 ? Math.min(whole, MAX_TIERS) : 1;
    this.openGates();
  }

  /** Concurrency found, requests, in [min, max]. */
  get limit(): number {
    return this.limiter.value;
  }

  /** Time to response headers without queueing, ms; 0 before the first window. */
  get baselineRttMs(): number {
    return this.limiter.baselineRttMs;
  }

  get isSaturated(): boolean {
    return this.limiter.isSaturated;
  }

  /** Requests in flight from which on this tier is shed; a tier that is not there is the last one. */
  gate(tier: number): number {
    const last: number = this.tiers - 1;
    const index: number = tier >= 0 && tier < last ? Math.floor(tier) : last;
    return this.gates[index as i32];
  }

  /** `inflight`: requests in flight without this one. Allocates nothing, changes nothing. */
  admit(tier: number, inflight: number): Verdict {
    // Written so that a count that is not a number admits: on doubt the filter admits.
    return inflight >= this.gate(tier) && inflight >= 1 ? Verdict.ShedLimit : Verdict.Admit;
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
  ): void {
    this.limiter.observe(
      nowMs,
      admittedTotal,
      shedTotal,
      completedTotal,
      lostTotal,
      rttMsTotal,
      inflight,
    );
    this.openGates();
  }

  private openGates(): void {
    const limit: number = this.limiter.value;
    const reserve: number = RESERVE_SHARE * limit + RESERVE_ROOT * Math.sqrt(limit);
    const last: number = this.tiers - 1;
    for (let i = 0; i < this.gates.length; i++) {
      const tier: number = i;
      const above: number = last - tier;
      let gate: number = limit;
      if (above > 0) gate += tier === 0 ? reserve : (reserve * above) / (2 * last);
      this.gates[i] = gate;
    }
  }
}
