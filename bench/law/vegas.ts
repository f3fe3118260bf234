import { LimitPeer } from "./peer.ts";
import { SampleWindow } from "./window.ts";

/**
 * Vegas of Netflix concurrency-limits, per window of 1 s: queue = limit (1 - least / rtt); up to log10(limit) the limit rises by 6
 * of them, below 3 by one, above 6 or at a lost request it falls by one. The least time is forgotten every 30
 * limits of samples. Per single sample, its other form, the least of exponential times is near 0 and the limit falls to 1.
 */
export interface VegasOptions {
  readonly initial: number;
}

const MOST = 1000;
const PROBE = 30;

export class Vegas extends LimitPeer {
  #limit: number;
  #leastMs = 0;
  #sinceProbe = 0;
  readonly #window = new SampleWindow();

  constructor({ initial }: VegasOptions) {
    super();
    this.#limit = initial;
  }

  get limit(): number {
    return this.#limit;
  }

  sample(rttMs: number, nowMs: number, inflight: number): void {
    this.#sinceProbe += 1;
    const closed = this.#window.add(rttMs, nowMs, inflight);
    if (closed !== undefined) this.#move(closed.rttMs, closed.inflight);
  }

  #move(rttMs: number, inflight: number): void {
    const isProbe = this.#sinceProbe > PROBE * this.#limit;
    if (isProbe) this.#sinceProbe = 0;
    if (isProbe || this.#leastMs === 0 || rttMs < this.#leastMs) {
      this.#leastMs = rttMs;
      return;
    }
    if (inflight * 2 < this.#limit) return;
    const queue = Math.ceil(this.#limit * (1 - this.#leastMs / rttMs));
    const step = Math.max(Math.log10(this.#limit), 1);
    if (queue <= step) this.#set(this.#limit + 6 * step);
    else if (queue < 3 * step) this.#set(this.#limit + step);
    else if (queue > 6 * step) this.#set(this.#limit - step);
  }

  override lost(): void {
    this.#set(this.#limit - Math.max(Math.log10(this.#limit), 1));
  }

  #set(limit: number): void {
    this.#limit = Math.min(Math.max(limit, 1), MOST);
  }
}
