import { LimitPeer } from "./peer.ts";

/** AIMD of Netflix concurrency-limits: one more for a sample while half the limit is used, a tenth less for a lost one. */
export interface AimdOptions {
  readonly initial: number;
}

const BACK_OFF = 0.9;
const LEAST = 20;
const MOST = 200;

export class Aimd extends LimitPeer {
  #limit: number;

  constructor({ initial }: AimdOptions) {
    super();
    this.#limit = initial;
  }

  get limit(): number {
    return this.#limit;
  }

  sample(_rttMs: number, _nowMs: number, inflight: number): void {
    if (inflight * 2 >= this.#limit) this.#limit = Math.min(this.#limit + 1, MOST);
  }

  override lost(): void {
    this.#limit = Math.max(Math.floor(this.#limit * BACK_OFF), LEAST);
  }
}
