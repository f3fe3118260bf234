import { LimitPeer } from "./peer.ts";
import { SampleWindow } from "./window.ts";

/**
 * Gradient2 of Netflix concurrency-limits in windows of 1 s with at least 10 samples: gradient = clamp(1.5 long / short,
 * 0.5, 1), limit' = 0.8 limit + 0.2 (gradient limit + 4); no move while less than half the limit is in flight.
 */
export interface Gradient2Options {
  readonly tolerance: number;
  readonly initial: number;
}

const QUEUE = 4;
const SMOOTHING = 0.2;
const LONG_SAMPLES = 600;
const LEAST = 20;
const MOST = 200;

export class Gradient2 extends LimitPeer {
  #limit: number;
  #longMs = 0;
  readonly #window = new SampleWindow();

  constructor(private readonly options: Gradient2Options) {
    super();
    this.#limit = options.initial;
  }

  get limit(): number {
    return this.#limit;
  }

  sample(rttMs: number, nowMs: number, inflight: number): void {
    const closed = this.#window.add(rttMs, nowMs, inflight);
    if (closed !== undefined) this.#move(closed.rttMs, closed.inflight);
  }

  #move(shortMs: number, inflight: number): void {
    const gain = 2 / (LONG_SAMPLES + 1);
    this.#longMs = this.#longMs === 0 ? shortMs : this.#longMs + (shortMs - this.#longMs) * gain;
    if (this.#longMs / shortMs > 2) this.#longMs *= 0.95;
    if (inflight < this.#limit / 2) return;
    const ratio = (this.options.tolerance * this.#longMs) / shortMs;
    const aim = Math.min(Math.max(ratio, 0.5), 1) * this.#limit + QUEUE;
    const next = this.#limit * (1 - SMOOTHING) + aim * SMOOTHING;
    this.#limit = Math.min(Math.max(next, LEAST), MOST);
  }
}
