/**
 * The position up to which the backend can serve what is offered: whole tiers, most important first, then a part of the
 * marginal one. From the offered rate of each tier and the backend's throughput, both smoothed over about 4 windows.
 */
const MAX_TIERS: number = 8;
const RATE_GAIN: number = 0.25;

export class Threshold {
  /** [0, tiers]; `tiers`: everything. */
  value: number = 1;
  tiers: number = 1;
  private totals: Float64Array = new Float64Array(8);
  private lastTotals: Float64Array = new Float64Array(8);
  /** Requests a ms. */
  private rates: Float64Array = new Float64Array(8);

  /** Clamped to 1..8. */
  setTiers(count: number): void {
    const whole: number = Math.floor(count);
    const tiers: number = whole >= 1 ? Math.min(whole, MAX_TIERS) : 1;
    if (this.value >= this.tiers) this.value = tiers;
    this.tiers = tiers;
    this.value = Math.min(this.value, tiers);
  }

  /** A tier that is not there is the last. */
  tierIndex(tier: number): number {
    const last: number = this.tiers - 1;
    return tier >= 0 && tier < last ? Math.floor(tier) : last;
  }

  /** The tier of which only a part is admitted; the last one if all is. */
  get marginalTier(): number {
    return Math.min(Math.floor(this.value), this.tiers - 1);
  }

  /** Where a request stands: its cohort counts only in the marginal tier. */
  position(tier: number, cohort: number): number {
    return tier < this.marginalTier ? tier : tier + cohort;
  }

  /** The part of it, [0, 1]. */
  get marginalShare(): number {
    return this.value - this.marginalTier;
  }

  offered(tier: number, total: number): void {
    if (!(tier >= 0 && tier < MAX_TIERS) || total - total !== 0) return;
    this.totals[Math.floor(tier) as i32] = total;
  }

  close(windowMs: number, throughputPerMs: number, isSaturated: boolean): void {
    for (let i = 0; i < this.rates.length; i++) {
      const rate: number = Math.max(this.totals[i] - this.lastTotals[i], 0) / windowMs;
      this.lastTotals[i] = this.totals[i];
      if (rate - rate === 0) this.rates[i] += (rate - this.rates[i]) * RATE_GAIN;
    }
    this.value = isSaturated ? this.divide(throughputPerMs) : this.tiers;
  }

  private divide(admissible: number): number {
    let left: number = admissible;
    for (let tier: number = 0; tier < this.tiers; tier++) {
      const rate: number = this.rates[tier as i32];
      if (rate > left) return tier + left / rate;
      left -= rate;
    }
    return this.tiers;
  }
}
