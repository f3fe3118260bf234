/**
 * Whether throughput follows concurrency: then there is no queue, and what looks like one is a service that has become
 * slower than its baseline. Under overload the limit swings between itself and a quarter more, half a second each, on
 * the clock, so that all workers of an Envoy swing together. The upper half only admits more; nothing is shed to learn.
 * Once three swings in a row found nothing, one each 20 s is enough, until one does or there is reason to doubt.
 *
 *     elasticity = (throughput above / throughput below - 1) / 0.25        1: no queue, 0: saturated
 *
 * `boost` multiplies the work the baseline implies. One above 0.5 raises it by half, one below 0.15 takes some
 * of it back, so that a chance reading costs little and not for long.
 */
const PHASE_MS: number = 500;
const SWING: number = 0.25;
const PHASES: number = 2;
const QUIET_PHASES: number = 40;
const VAIN_SWINGS: number = 3;
const FOLLOWS: number = 0.5;
const IDLES: number = 0.15;
const RAISE: number = 1.5;
const LOWER: number = 0.85;
const DOUBT: number = 2;
const MOST: number = 16;

export class Elasticity {
  /** In [1, 16]. */
  boost: number = 1;
  private vain: number = 0;
  private phase: number = 0;
  private ended: number = 0;
  private elapsedMs: number = 0;
  private belowEnded: number = 0;
  private belowMs: number = 0;

  /** What to multiply the limit with now: 1 or 1.25. */
  swing(nowMs: number): number {
    return this.isUpper(phaseAt(nowMs)) ? 1 + SWING : 1;
  }

  /** One window under overload, ended at `nowMs`, in which `ended` requests did. */
  observe(nowMs: number, elapsedMs: number, ended: number): void {
    const phase: number = phaseAt(nowMs - elapsedMs / 2);
    if (phase !== this.phase) {
      this.close(phase === this.phase + 1);
      this.phase = phase;
      this.ended = 0;
      this.elapsedMs = 0;
    }
    this.ended += ended;
    this.elapsedMs += elapsedMs;
  }

  /** Requests take far longer than concurrency explains: fewer servers or slower ones, and nobody knows yet. */
  doubt(): void {
    this.boost = Math.max(this.boost, DOUBT);
    this.vain = 0;
  }

  /** One window without overload. */
  rest(): void {
    this.boost = Math.max(this.boost * LOWER, 1);
    this.belowMs = 0;
    this.elapsedMs = 0;
    this.ended = 0;
  }

  /** The phase that ends: the lower half is kept, the upper one compared with the lower one before it. */
  private close(isNext: boolean): void {
    if (!this.isUpper(this.phase)) {
      this.belowEnded = this.ended;
      this.belowMs = this.elapsedMs;
      return;
    }
    if (isNext && this.belowMs > 0 && this.elapsedMs > 0) this.judge();
    this.belowMs = 0;
  }

  /** Arrivals are chance: a rise counts only as far as it passes the standard deviation of what was counted. */
  private judge(): void {
    const expected: number = (this.belowEnded * this.elapsedMs) / this.belowMs;
    const rise: number = this.ended - expected;
    if (rise - Math.sqrt(expected) > FOLLOWS * SWING * expected) {
      this.boost = Math.min(this.boost * RAISE, MOST);
      this.vain = 0;
    } else if (rise < IDLES * SWING * expected) {
      this.boost = Math.max(this.boost * LOWER, 1);
      this.vain += 1;
    }
  }

  /** The last of every few phases, counted from 1. Without a remainder: that of two numbers is 400 bytes of Wasm. */
  private isUpper(phase: number): boolean {
    const every: number = this.vain < VAIN_SWINGS ? PHASES : QUIET_PHASES;
    return Math.floor(phase / every) * every === phase;
  }
}

function phaseAt(nowMs: number): number {
  return Math.ceil(nowMs / PHASE_MS);
}
