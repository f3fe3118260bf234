import type { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { LimitPeer } from "./peer.ts";

/**
 * The BBR limiter of kratos, Sentinel and go-zero: in buckets of 100 ms over a window,
 *
 *     limit = most answers of a bucket * least mean time of a bucket (ms) * buckets a ms
 *
 * which counts only while the processor is busier than a threshold, or was within a second when it last refused. They
 * read the processor of the machine they run on; here the law is told the true busy share of the service's slots, which
 * a proxy would not know. Smoothed by `decay` every 500 ms.
 * https://github.com/go-kratos/aegis (ratelimit/bbr)
 */
export interface BbrOptions {
  readonly threshold: number;
  readonly decay: number;
  readonly windowMs: number;
}

const BUCKET_MS = 100;
const BUSY_MS = 500;
const COOL_OFF_MS = 1000;

interface Bucket {
  answers: number;
  rttMs: number;
}

export class Bbr extends LimitPeer {
  #buckets: Bucket[] = [{ answers: 0, rttMs: 0 }];
  #bucketMs = 0;
  #limit = Infinity;
  #busy = 0;
  #shares: number[] = [];
  #busyMs = 0;
  #nowMs = 0;
  #refusedMs = -Infinity;

  constructor(private readonly options: BbrOptions) {
    super();
  }

  get limit(): number {
    return this.#limit;
  }

  override admit(_request: Request, inflight: number): Verdict {
    const isBusy = this.#busy >= this.options.threshold;
    const isCoolingOff = this.#nowMs - this.#refusedMs <= COOL_OFF_MS;
    if ((!isBusy && !isCoolingOff) || inflight <= 1 || inflight <= this.#limit)
      return Verdict.Admit;
    if (isBusy && !isCoolingOff) this.#refusedMs = this.#nowMs;
    return Verdict.ShedLimit;
  }

  busy(share: number): void {
    this.#shares.push(share);
  }

  sample(rttMs: number, nowMs: number): void {
    this.#roll(nowMs);
    const bucket = this.#buckets.at(-1)!;
    bucket.answers += 1;
    bucket.rttMs += rttMs;
  }

  override tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#roll(nowMs);
    if (nowMs - this.#busyMs < BUSY_MS || this.#shares.length === 0) return;
    this.#busyMs = nowMs;
    const share = this.#shares.reduce((sum, each) => sum + each, 0) / this.#shares.length;
    this.#shares = [];
    this.#busy = this.#busy * this.options.decay + share * (1 - this.options.decay);
  }

  /** The open bucket counts only once it is full. */
  #roll(nowMs: number): void {
    if (nowMs - this.#bucketMs < BUCKET_MS) return;
    while (nowMs - this.#bucketMs >= BUCKET_MS) {
      this.#bucketMs += BUCKET_MS;
      this.#buckets.push({ answers: 0, rttMs: 0 });
    }
    this.#buckets = this.#buckets.slice(-this.options.windowMs / BUCKET_MS - 1);
    const full = this.#buckets.slice(0, -1).filter(({ answers }) => answers > 0);
    const most = Math.max(...full.map(({ answers }) => answers));
    const leastMs = Math.min(...full.map(({ answers, rttMs }) => rttMs / answers));
    this.#limit = full.length > 0 ? Math.floor((most * leastMs) / BUCKET_MS + 0.5) : Infinity;
  }
}
