import type { Wish } from "./clients.ts";
import type { Setup } from "./setup.ts";

export interface Fate {
  offered: number;
  shed: number;
  good: number;
  lost: number;
}

/** One stretch of `SLOT_MS` of the whole run, whatever is counted. */
export interface Slot {
  /** Wishes, answers in time, and what the server could have done. */
  offered: number;
  good: number;
  capacity: number;
  /** Integral of the requests in flight, requests * ms. */
  inflightMs: number;
}

export const SLOT_MS = 50;

/** What came of a run. Unless said otherwise: of what was offered from `fromMs` on. */
export interface Result {
  readonly fromMs: number;
  readonly tiers: readonly Fate[];
  readonly tenants: readonly Fate[];
  readonly heavyTimes: number;
  readonly slots: readonly Slot[];
  /** When the number of the server's slots changed, ms. */
  readonly slotChangesMs: readonly number[];
  /** Requests the server could have served from `fromMs` to `endMs`. */
  readonly capacity: number;
  /** Requests answered within their deadline from `fromMs` to `endMs`. */
  readonly good: number;
  readonly leastLimit: number;
  readonly greatestLimit: number;
  /** Tries, of all wishes. */
  readonly attempts: number;
  /** Work the server finished, and that of it for which nobody waited any more. */
  readonly served: number;
  readonly late: number;
  /** Of the answered, sorted, ms. */
  readonly rttsMs: readonly number[];
  /** The same of the most important tier. */
  readonly topRttsMs: readonly number[];
}

const noFate = (): Fate => ({ offered: 0, shed: 0, good: 0, lost: 0 });

export class Recorder implements Result {
  readonly fromMs: number;
  readonly heavyTimes: number;
  readonly tiers: Fate[];
  readonly tenants: Fate[];
  readonly slots: Slot[] = [];
  readonly slotChangesMs: number[] = [];
  capacity = 0;
  good = 0;
  attempts = 0;
  served = 0;
  late = 0;
  leastLimit = Infinity;
  greatestLimit = 0;
  readonly rttsMs: number[] = [];
  readonly topRttsMs: number[] = [];
  private lastMs = 0;

  constructor({ tiers, tenants, heavyTimes, fromMs, endMs }: Setup) {
    this.fromMs = fromMs;
    this.heavyTimes = heavyTimes;
    this.tiers = tiers.map(noFate);
    this.tenants = Array.from({ length: tenants }, noFate);
    for (let at = 0; at < endMs; at += SLOT_MS) {
      this.slots.push({ offered: 0, good: 0, capacity: 0, inflightMs: 0 });
    }
  }

  /** Time goes on to `nowMs`; what is given held since the last call. */
  pass(nowMs: number, capacityPerMs: number, inflight: number): void {
    while (this.lastMs < nowMs) {
      const at = Math.floor(this.lastMs / SLOT_MS);
      const slot = this.slots[at];
      if (slot === undefined) return;
      const untilMs = Math.min(nowMs, (at + 1) * SLOT_MS);
      const elapsedMs = untilMs - this.lastMs;
      slot.capacity += elapsedMs * capacityPerMs;
      slot.inflightMs += elapsedMs * inflight;
      if (this.lastMs >= this.fromMs) this.capacity += elapsedMs * capacityPerMs;
      this.lastMs = untilMs;
    }
  }

  limit(value: number): void {
    this.leastLimit = Math.min(this.leastLimit, value);
    this.greatestLimit = Math.max(this.greatestLimit, value);
  }

  offered(wish: Wish): void {
    this.slotAt(wish.atMs).offered += 1;
    for (const fate of this.fates(wish)) fate.offered += 1;
  }

  tried(wish: Wish): void {
    if (wish.atMs >= this.fromMs) this.attempts += 1;
  }

  answered(wish: Wish, nowMs: number): void {
    const rttMs = nowMs - wish.atMs;
    this.slotAt(nowMs).good += 1;
    for (const fate of this.fates(wish)) fate.good += 1;
    if (nowMs < this.fromMs) return;
    this.good += 1;
    this.rttsMs.push(rttMs);
    if (wish.tier === 0) this.topRttsMs.push(rttMs);
  }

  failed(wish: Wish, how: "shed" | "lost"): void {
    for (const fate of this.fates(wish)) fate[how] += 1;
  }

  finished(isAwaited: boolean, nowMs: number): void {
    if (nowMs < this.fromMs) return;
    this.served += 1;
    if (!isAwaited) this.late += 1;
  }

  /** The run is over. */
  close(): Result {
    this.rttsMs.sort((a, b) => a - b);
    this.topRttsMs.sort((a, b) => a - b);
    return this;
  }

  private fates(wish: Wish): Fate[] {
    if (wish.atMs < this.fromMs) return [];
    const tenant = this.tenants[wish.tenant];
    const tier = this.tiers[wish.tier]!;
    return tenant === undefined ? [tier] : [tier, tenant];
  }

  private slotAt(ms: number): Slot {
    return this.slots[Math.floor(ms / SLOT_MS)]!;
  }
}
