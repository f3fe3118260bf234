import { ConcurrencyLimit } from "./limit.ts";
import { Verdict } from "./verdict.ts";

/**
 * The shedding law of one scope: a concurrency limit and a gate per tier above it (trunk reservation),
 *
 *     step       = limit / 10 + 3 * sqrt(limit)     (scaled so that all steps together are at most 3)
 *     gate(tier) = limit + step * (tiers - 1 - tier)
 *     gate(0)    = 2 * limit + step * (tiers - 1)   if there are several tiers
 *
 * and where gate(0) would pass the operator's maximum, all gates scaled down so that it meets it: the maximum holds for
 * every request, and the less important tiers leave room first.
 * A tier is admitted while the requests in flight are below its gate. Under overload the least important tier that
 * does not fit holds the concurrency at its own gate; a more important one finds free places above. The most important
 * tier has the widest room: it fills it only if it alone exceeds capacity. Nothing waits in a queue here.
 * Never sheds when nothing is in flight. Allocates only when constructed.
 */
const MAX_TIERS: number = 8;
const STEP_SHARE: number = 0.1;
const STEP_ROOT: number = 3;
const TOP: number = 2;

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
    const last: number = this.tiers - 1;
    const root: number = STEP_SHARE * limit + STEP_ROOT * Math.sqrt(limit);
    const step: number = root * (last > 3 ? 3 / last : 1);
    const top: number = last > 0 ? TOP * limit + step * last : limit;
    const scale: number = Math.min(1, this.limiter.maxLimit / top);
    for (let i = 0; i < this.gates.length; i++) {
      const tier: number = i;
      const gate: number = tier === 0 ? top : limit + step * Math.max(last - tier, 0);
      this.gates[i] = gate * scale;
    }
  }
}
