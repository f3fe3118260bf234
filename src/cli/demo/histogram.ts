/** Times in ms in buckets 5 % apart from 0.1 ms to about 2 minutes; a quantile is the upper edge of its bucket. */
const RATIO = 1.05;
const LEAST_MS = 0.1;
const BUCKETS = 300;

export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(ms: number): void {
    const index = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / Math.log(RATIO));
    const bucket = Math.min(index, BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** Milliseconds; undefined without samples. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= share * this.#total) return Number((LEAST_MS * RATIO ** bucket).toFixed(1));
    }
    return undefined;
  }
}
