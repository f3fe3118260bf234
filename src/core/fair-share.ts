/**
 * Weighted max-min fairness between the tenants of one tier (water filling over their offered rates):
 *
 *     share(t) = min(1, fair * weight(t) / rate(t))     with sum of min(rate, fair * weight) = admissible
 *
 * A tenant that asks for no more than its fair part, or passes it by chance, is never cut; what it leaves goes to the others. Tenants are kept by
 * the hash of their name in 256 sets of 4; in a full set the one with the least rate gives way, so that 100,000 tenants
 * cost the memory of 1,024 and only light ones, which fairness would not cut anyway, go uncounted.
 * core-stateless fair queueing, Stoica et al., SIGCOMM 1998.
 */
const SETS: number = 256;
const WAYS: number = 4;
/** Rates are smoothed over about 20 windows, 2 s; so their variance is a nineteenth of a window's. */
const RATE_GAIN: number = 0.1;
const RATE_VARIANCE: number = 1 / 19;
/** Standard deviations by which a tenant may pass its part by chance. */
const CHANCE: number = 3;
const MOST_ROUNDS: number = 8;
/** Requests a window, above which a tenant keeps its place. */
const KEEPS_PLACE: number = 1;

export class FairShare {
  private keys: Float64Array = new Float64Array(1024);
  private counts: Float64Array = new Float64Array(1024);
  /** Requests a window, smoothed. */
  private rates: Float64Array = new Float64Array(1024);
  private weights: Float64Array = new Float64Array(1024);
  private isUsed: boolean = false;
  private fair: number = 0;

  /** Counts one request; the share of this tenant's requests to admit, [0, 1]. `tenant`: its hash (`hash.ts`), not 0. */
  count(tenant: number, weight: number): number {
    this.isUsed = true;
    const at: number = this.place(tenant);
    this.counts[at as i32] += 1;
    this.weights[at as i32] = weight > 0 ? weight : 1;
    return this.shareAt(at);
  }

  /** Closes a window in which `admittedShare`, [0, 1], of all that came was to be admitted. */
  tick(admittedShare: number): void {
    if (!this.isUsed) return;
    let total: number = 0;
    for (let i = 0; i < this.rates.length; i++) {
      this.rates[i] += (this.counts[i] - this.rates[i]) * RATE_GAIN;
      this.counts[i] = 0;
      total += this.rates[i];
    }
    this.fair = admittedShare >= 1 ? 0 : this.fill(admittedShare * total);
  }

  private shareAt(at: number): number {
    const rate: number = this.rates[at as i32];
    const part: number = this.fair * this.weights[at as i32];
    return this.fair > 0 && !isModest(rate, part) ? part / rate : 1;
  }

  /** The level at which all parts together are `admissible`; each round fixes those who ask for less than it. */
  private fill(admissible: number): number {
    let level: number = 0;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let modest: number = 0;
      let weights: number = 0;
      for (let i = 0; i < this.rates.length; i++) {
        const part: number = level * this.weights[i];
        if (isModest(this.rates[i], part)) modest += this.rates[i];
        else weights += this.weights[i];
      }
      if (weights <= 0 || admissible <= modest) return level;
      const next: number = (admissible - modest) / weights;
      if (next <= level) return level;
      level = next;
    }
    return level;
  }

  /** Where the tenant is counted: its place, else a free one, else that of the faintest of its set. */
  private place(tenant: number): number {
    const first: number = (((tenant as i32) & ((SETS - 1) as i32)) as number) * WAYS;
    let faintest: number = first;
    for (let way: number = 0; way < WAYS; way++) {
      const at: number = first + way;
      if (this.keys[at as i32] === tenant) return at;
      if (this.strength(at) < this.strength(faintest)) faintest = at;
    }
    if (this.strength(faintest) > KEEPS_PLACE) return faintest;
    this.keys[faintest as i32] = tenant;
    this.counts[faintest as i32] = 0;
    this.rates[faintest as i32] = 0;
    return faintest;
  }

  private strength(at: number): number {
    return this.rates[at as i32] + this.counts[at as i32];
  }
}

/** Arrivals are chance: who asks for its part on average must not be cut half of the time. */
function isModest(rate: number, part: number): boolean {
  return rate <= part + CHANCE * Math.sqrt(rate * RATE_VARIANCE);
}
