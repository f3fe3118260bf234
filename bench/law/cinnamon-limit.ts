/**
 * The limit of the Cinnamon-like shedder: Vegas on the p90 of an interval, which ends after 250 samples but lasts 2 to
 * 30 s, taken as the median of three intervals and smoothed:
 *
 *     queue = limit (1 - target / p90)      below 3 log10(limit): + log10(limit);  above 6 log10(limit): - log10(limit)
 *
 * The target is the least p90. Every 50 intervals it becomes the present one if requests in flight and throughput have
 * risen and fallen together, since then there was no queue.
 * https://www.uber.com/blog/cinnamon-auto-tuner-adaptive-concurrency-in-the-wild/
 */
const SAMPLES = 250;
const LEAST_MS = 2000;
const MOST_MS = 30_000;
const SMOOTHING = 0.5;
const INTERVALS = 50;
const MOST = 1000;

interface Interval {
  readonly inflight: number;
  readonly perMs: number;
}

export class CinnamonLimit {
  #rttsMs: number[] = [];
  #inflight = 0;
  #startedMs = 0;
  #p90sMs: number[] = [];
  #smoothedMs = 0;
  #targetMs = Infinity;
  #intervals: Interval[] = [];

  constructor(public value: number) {}

  sample(rttMs: number, nowMs: number, inflight: number): void {
    this.#rttsMs.push(rttMs);
    this.#inflight = Math.max(this.#inflight, inflight);
    const elapsedMs = nowMs - this.#startedMs;
    if (elapsedMs < LEAST_MS || (this.#rttsMs.length < SAMPLES && elapsedMs < MOST_MS)) return;
    const inflightMost = this.#inflight;
    this.#learn({ inflight: inflightMost, perMs: this.#rttsMs.length / elapsedMs });
    if (inflightMost * 2 >= this.value) this.#move();
    this.#rttsMs = [];
    this.#inflight = 0;
    this.#startedMs = nowMs;
  }

  #learn(interval: Interval): void {
    const sorted = this.#rttsMs.toSorted((a, b) => a - b);
    this.#p90sMs = [...this.#p90sMs.slice(-2), sorted[Math.floor(0.9 * sorted.length)]!];
    const median = this.#p90sMs.toSorted((a, b) => a - b)[this.#p90sMs.length >> 1]!;
    this.#smoothedMs += (median - this.#smoothedMs) * (this.#smoothedMs === 0 ? 1 : SMOOTHING);
    this.#targetMs = Math.min(this.#targetMs, this.#smoothedMs);
    this.#intervals.push(interval);
    if (this.#intervals.length < INTERVALS) return;
    if (covariance(this.#intervals) > 0) this.#targetMs = this.#smoothedMs;
    this.#intervals = [];
  }

  #move(): void {
    const step = Math.max(Math.log10(this.value), 1);
    const queue = this.value * (1 - this.#targetMs / this.#smoothedMs);
    if (queue < 3 * step) this.value = Math.min(this.value + step, MOST);
    else if (queue > 6 * step) this.value = Math.max(this.value - step, 1);
  }
}

function covariance(intervals: readonly Interval[]): number {
  const mean = (pick: (interval: Interval) => number) =>
    intervals.reduce((sum, each) => sum + pick(each), 0) / intervals.length;
  const [inflight, perMs] = [mean((each) => each.inflight), mean((each) => each.perMs)];
  return mean((each) => (each.inflight - inflight) * (each.perMs - perMs));
}
