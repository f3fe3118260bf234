import type { Random } from "./random.ts";

/** What the server works on: how much longer than the mean it takes. */
export interface Work {
  readonly times: number;
}

/** A FIFO server of timer-based slots, so that its capacity is exact. It does all work it was given, whoever still waits. */
export class Server<W extends Work> {
  private readonly waiting: W[] = [];
  private first = 0;
  private busy = 0;
  private busyMs = 0;
  private slotMs = 0;
  private lastMs = 0;

  /** `finishAt` is told when each work will be done. */
  constructor(
    private readonly random: Random,
    private readonly variation: number,
    private slots: number,
    private serviceMs: number,
    private readonly finishAt: (atMs: number, work: W) => void,
  ) {}

  alter(nowMs: number, slots: number, serviceMs: number): void {
    this.account(nowMs);
    this.slots = slots;
    this.serviceMs = serviceMs;
    this.serve(nowMs);
  }

  offer(nowMs: number, work: W): void {
    this.waiting.push(work);
    this.serve(nowMs);
  }

  finish(nowMs: number): void {
    this.account(nowMs);
    this.busy -= 1;
    this.serve(nowMs);
  }

  /** Busy share of the slots since the last call, [0, 1] unless slots were taken away. */
  takeBusyShare(nowMs: number): number {
    this.account(nowMs);
    const share = this.slotMs > 0 ? this.busyMs / this.slotMs : 0;
    this.busyMs = 0;
    this.slotMs = 0;
    return share;
  }

  private serve(nowMs: number): void {
    this.account(nowMs);
    while (this.busy < this.slots && this.first < this.waiting.length) {
      const work = this.waiting[this.first++]!;
      this.finishAt(nowMs + this.drawTimes() * work.times * this.serviceMs, work);
      this.busy += 1;
    }
  }

  /** Of mean 1. */
  private drawTimes(): number {
    if (this.variation === 0) return 1;
    if (this.variation === 1) return this.random.exponential();
    const variance = Math.log(1 + this.variation * this.variation);
    return Math.exp(Math.sqrt(variance) * this.random.normal() - variance / 2);
  }

  private account(nowMs: number): void {
    const elapsedMs = nowMs - this.lastMs;
    this.busyMs += elapsedMs * this.busy;
    this.slotMs += elapsedMs * this.slots;
    this.lastMs = nowMs;
  }
}
