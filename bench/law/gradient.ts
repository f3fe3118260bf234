import { LimitPeer } from "./peer.ts";

/**
 * Envoy's adaptive_concurrency: every interval gradient = clamp(minRTT (1 + buffer) / sampleRTT, 0.5, 2) and
 * limit' = gradient limit + sqrt(gradient limit). minRTT is measured over 50 samples at start, each `minRttMs` and after
 * five intervals at the least limit; `pinned` holds the limit at 3 meanwhile, as Envoy does by default.
 * envoy/extensions/filters/http/adaptive_concurrency/controller/gradient_controller.cc
 */
export interface GradientOptions {
  readonly percentile: number;
  readonly buffer: number;
  readonly pinned: boolean;
}

const INTERVAL_MS = 100;
const MIN_RTT_MS = 60_000;
const MIN_RTT_SAMPLES = 50;
const LEAST = 3;
const MOST = 1000;
const LEAST_INTERVALS = 5;

export class Gradient extends LimitPeer {
  #limit = LEAST;
  #minRttMs = 0;
  #samples: number[] = [];
  #isMeasuring = true;
  #nextMs = INTERVAL_MS;
  #measureMs = MIN_RTT_MS;
  #atLeast = 0;

  constructor(private readonly options: GradientOptions) {
    super();
  }

  get limit(): number {
    return this.#isMeasuring && this.options.pinned ? LEAST : this.#limit;
  }

  sample(rttMs: number): void {
    this.#samples.push(rttMs);
    if (!this.#isMeasuring || this.#samples.length < MIN_RTT_SAMPLES) return;
    this.#minRttMs = this.#quantile();
    this.#isMeasuring = false;
    this.#samples = [];
  }

  override tick(nowMs: number): void {
    if (nowMs >= this.#measureMs) {
      this.#measureMs = nowMs + MIN_RTT_MS;
      this.#measure();
    }
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    if (!this.#isMeasuring && this.#samples.length > 0) this.#move();
  }

  #measure(): void {
    this.#isMeasuring = true;
    this.#samples = [];
  }

  #move(): void {
    const gradient = (this.#minRttMs * (1 + this.options.buffer)) / this.#quantile();
    const scaled = Math.min(Math.max(gradient, 0.5), 2) * this.#limit;
    this.#limit = Math.min(Math.max(Math.floor(scaled + Math.sqrt(scaled)), LEAST), MOST);
    this.#samples = [];
    this.#atLeast = this.#limit === LEAST ? this.#atLeast + 1 : 0;
    if (this.#atLeast < LEAST_INTERVALS) return;
    this.#atLeast = 0;
    this.#measure();
  }

  #quantile(): number {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.floor(this.options.percentile * (sorted.length - 1))] ?? 0;
  }
}
