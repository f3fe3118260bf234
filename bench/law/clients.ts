import type { Random } from "./random.ts";
import type { Setup } from "./setup.ts";

/** What one caller wants, over all its tries. */
export interface Wish {
  readonly atMs: number;
  readonly tier: number;
  readonly cohort: number;
  /** Index; -1 where none are told apart. */
  readonly tenant: number;
  /** How long the caller waits for each try. */
  readonly deadlineMs: number;
  /** Work of it over the mean of a cheap one. */
  readonly times: number;
}

/** Envoy's: no wait before the n-th retry is longer than (2^n - 1) times this, and the wait is drawn evenly. */
const BACK_OFF_MS = 25;
const MOST_BACK_OFF_MS = 250;

/** Open-loop callers: when the next comes does not depend on how the last one fared. */
export class Clients {
  load = 0;
  dear = 0;

  constructor(
    private readonly random: Random,
    private readonly setup: Setup,
  ) {}

  /** Wishes a ms. The load is work: dearer requests come more rarely. */
  get perMs(): number {
    const { slots, serviceMs, dearTimes } = this.setup;
    return (this.load * slots) / (serviceMs * (1 + this.dear * (dearTimes - 1)));
  }

  drawGapMs(): number {
    return this.perMs > 0 ? this.random.exponential() / this.perMs : 1;
  }

  draw(atMs: number): Wish {
    const { tiers, deadlineMs, dearTimes } = this.setup;
    const [least, most] = deadlineMs;
    return {
      atMs,
      tier: this.drawTier(tiers),
      cohort: Math.floor(this.random.next() * 64) / 64,
      tenant: this.drawTenant(),
      deadlineMs: most > least ? least + this.random.next() * (most - least) : most,
      times: this.dear > 0 && this.random.next() < this.dear ? dearTimes : 1,
    };
  }

  drawBackOffMs(retry: number): number {
    const most = Math.min((2 ** retry - 1) * BACK_OFF_MS, MOST_BACK_OFF_MS);
    return this.random.next() * most;
  }

  private drawTier(tiers: readonly number[]): number {
    let u = this.random.next();
    for (let tier = 0; tier < tiers.length - 1; tier++) {
      u -= tiers[tier]!;
      if (u < 0) return tier;
    }
    return tiers.length - 1;
  }

  private drawTenant(): number {
    const { tenants, heavyTimes } = this.setup;
    if (tenants === 0) return -1;
    const at = Math.floor(this.random.next() * (heavyTimes + tenants - 1));
    return Math.max(0, at - heavyTimes + 1);
  }
}
