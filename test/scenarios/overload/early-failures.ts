/**
 * Four rules that were tried before the present law and failed, each reduced to the part that fails. They stand here so that a
 * test which says the law does not show the symptom has something beside it that does.
 */
import { LimitPeer } from "../../../bench/law/peer.ts";
import type { Request } from "../../../src/core/request.ts";
import { Verdict } from "../../../src/core/verdict.ts";

const WINDOW_MS = 100;

/** What is common: answers of a window, and what is made of them when it closes. */
abstract class Windowed extends LimitPeer {
  limit = 1000;
  protected answers = 0;
  protected sumMs = 0;
  private closedMs = 0;

  sample(rttMs: number, _nowMs: number, _inflight: number): void {
    this.answers += 1;
    this.sumMs += rttMs;
  }

  override tick(nowMs: number): void {
    if (nowMs - this.closedMs < WINDOW_MS) return;
    this.close(nowMs, nowMs - this.closedMs);
    this.closedMs = nowMs;
    this.answers = 0;
    this.sumMs = 0;
  }

  protected abstract close(nowMs: number, elapsedMs: number): void;
}

/**
 * Admits, once it takes long, at the rate at which it was answered last: a place not used in its tick is lost, and lowers
 * the next rate. */
export class RateOfOwnCompletions extends Windowed {
  private baselineMs = 0;
  private perMs = Infinity;
  private tokens = Infinity;
  private tickedMs = 0;

  override admit(_request: Request, _inflight: number): Verdict {
    if (this.tokens < 1) return Verdict.ShedLimit;
    this.tokens -= 1;
    return Verdict.Admit;
  }

  override tick(nowMs: number): void {
    super.tick(nowMs);
    this.tokens = this.perMs * (nowMs - this.tickedMs);
    this.tickedMs = nowMs;
  }

  protected close(_nowMs: number, elapsedMs: number): void {
    if (this.answers === 0) return;
    const meanMs = this.sumMs / this.answers;
    if (this.baselineMs === 0) this.baselineMs = meanMs;
    if (this.perMs !== Infinity || meanMs > 1.6 * this.baselineMs)
      this.perMs = this.answers / elapsedMs;
  }
}

/** Little's law with the time of the first 100 ms, where quick answers come first: too few servers are counted. */
export class BaselineOfFirstWindow extends Windowed {
  private baselineMs = 0;
  private perMs = 0;

  protected close(_nowMs: number, elapsedMs: number): void {
    if (this.answers === 0) return;
    if (this.baselineMs === 0) this.baselineMs = this.sumMs / this.answers;
    this.perMs = Math.max(this.answers / elapsedMs, this.perMs * 0.97);
    const work = this.perMs * this.baselineMs;
    this.limit = 1.15 * work + 1.5 * Math.sqrt(work) + 2;
  }
}

/** Twice the peak of the requests in flight, however slow they have become: the limit runs ahead of the queue. */
export class TwiceThePeak extends Windowed {
  private peaks: number[] = [];
  private most = 0;

  override sample(rttMs: number, nowMs: number, inflight: number): void {
    super.sample(rttMs, nowMs, inflight);
    this.most = Math.max(this.most, inflight);
  }

  protected close(): void {
    this.peaks = [...this.peaks.slice(-99), this.most];
    this.most = 0;
    this.limit = 2 * Math.max(...this.peaks) + 8;
  }
}

/**
 * Every 5 s the limit falls to a quarter for 200 ms, so that the queue drains, and the time of what was sent and answered
 * within is the baseline: the slow ones have not ended yet and do not count.
 */
export class DrainProbe extends Windowed {
  private probeMs = 0;
  private baselineMs = 0;
  private perMs = 0;
  private fastSumMs = 0;
  private fast = 0;

  override sample(rttMs: number, nowMs: number, inflight: number): void {
    super.sample(rttMs, nowMs, inflight);
    if (this.probeMs === 0 || nowMs - rttMs < this.probeMs) return;
    this.fast += 1;
    this.fastSumMs += rttMs;
  }

  protected close(nowMs: number, elapsedMs: number): void {
    this.perMs = Math.max(this.answers / elapsedMs, this.perMs * 0.97);
    if (this.probeMs > 0 && nowMs - this.probeMs >= 200) {
      if (this.fast > 0) this.baselineMs = this.fastSumMs / this.fast;
      this.probeMs = 0;
    } else if (nowMs % 5000 < 2 * WINDOW_MS && this.probeMs === 0) {
      this.probeMs = nowMs;
      this.fast = 0;
      this.fastSumMs = 0;
    }
    const work = this.perMs * this.baselineMs;
    if (work === 0) return;
    this.limit = (1.15 * work + 1.5 * Math.sqrt(work) + 2) * (this.probeMs > 0 ? 0.25 : 1);
  }
}
