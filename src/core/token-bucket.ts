/**
 * The law of a rate limit:
 *
 *     tokens(t) = min(burst, tokens(t0) + fillRps * (t - t0) / 1000)      a request is admitted if its tokens are there
 *
 * so over any time of `ms` at most burst + fillRps * ms / 1000 tokens are given. A new bucket is full. Rate and burst are
 * arguments, so that a limit that moves keeps what its buckets hold. A clock that runs back counts as no time passing, a
 * number that is not finite as 0; who asks for no token is admitted.
 * Turner, "New directions in communications", IEEE Communications Magazine 24(10), 1986.
 */
export class TokenBucket {
  /** In [0, burst] as of the last call. */
  tokens: number = 0;
  private isFilled: boolean = false;
  private atMs: number = 0;

  /** Takes `wanted` tokens if they are there, else none. */
  take(nowMs: number, wanted: number, fillRps: number, burst: number): boolean {
    this.fill(finite(nowMs), finite(fillRps), finite(burst));
    if (!(wanted > 0)) return true;
    if (wanted > this.tokens) return false;
    this.tokens -= wanted;
    return true;
  }

  /** Time from the last call until `wanted` tokens are there, ms, if none are taken; 0: they are; Infinity: never. */
  waitMs(wanted: number, fillRps: number): number {
    const missing: number = wanted - this.tokens;
    if (!(missing > 0)) return 0;
    return fillRps > 0 ? (missing / fillRps) * 1000 : Infinity;
  }

  private fill(nowMs: number, fillRps: number, burst: number): void {
    const elapsedMs: number = nowMs - this.atMs;
    if (!this.isFilled) {
      this.tokens = burst;
      this.isFilled = true;
      this.atMs = nowMs;
    } else if (elapsedMs > 0) {
      this.tokens += (elapsedMs * fillRps) / 1000;
      this.atMs = nowMs;
    }
    if (this.tokens > burst) this.tokens = burst;
  }
}

/** Of a negative number 0 too: there is no negative rate. */
function finite(value: number): number {
  return value - value === 0 && value > 0 ? value : 0;
}
