/** Mean of the times of at least 10 answers over at least 1 s, as Netflix concurrency-limits feeds its limits by default. */
const WINDOW_MS = 1000;
const LEAST_SAMPLES = 10;

export class SampleWindow {
  #sumMs = 0;
  #count = 0;
  #mostInflight = 0;
  #nextMs = WINDOW_MS;

  /** The window that closes with this sample, if one does. */
  add(
    rttMs: number,
    nowMs: number,
    inflight: number,
  ): { rttMs: number; inflight: number } | undefined {
    this.#sumMs += rttMs;
    this.#count += 1;
    this.#mostInflight = Math.max(this.#mostInflight, inflight);
    if (nowMs < this.#nextMs || this.#count < LEAST_SAMPLES) return undefined;
    const closed = { rttMs: this.#sumMs / this.#count, inflight: this.#mostInflight };
    this.#nextMs = nowMs + WINDOW_MS;
    this.#sumMs = 0;
    this.#count = 0;
    this.#mostInflight = 0;
    return closed;
  }
}
