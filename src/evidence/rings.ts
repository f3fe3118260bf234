/**
 * Counts of one arm at four grains: seconds of the last 2 minutes, tens of seconds of the last hour, minutes of the last
 * 6 hours, hours of the last 30 days. A slot holds `width` numbers; what is older than its ring is gone.
 */
const GRAINS = [
  { seconds: 1, slots: 120 },
  { seconds: 10, slots: 360 },
  { seconds: 60, slots: 360 },
  { seconds: 3600, slots: 720 },
] as const;

export class Rings {
  readonly #rings: readonly Ring[];

  constructor(width: number) {
    this.#rings = GRAINS.map(({ seconds, slots }) => new Ring(seconds, slots, width));
  }

  add(tick: number, values: readonly number[]): void {
    for (const ring of this.#rings) ring.add(tick, values);
  }

  /** Sums of the `seconds` before `tick`, from the finest ring that reaches so far back. */
  sum(tick: number, seconds: number): Float64Array {
    const ring = this.#rings.find((each) => each.reach >= seconds) ?? this.#rings.at(-1);
    if (ring === undefined) throw new Error("invariant: there are rings");
    return ring.sum(tick, seconds);
  }
}

class Ring {
  readonly reach: number;
  /** Which slot of time each place holds. */
  readonly #at: Float64Array;
  readonly #values: Float64Array;

  constructor(
    private readonly seconds: number,
    private readonly slots: number,
    private readonly width: number,
  ) {
    this.reach = seconds * slots;
    this.#at = new Float64Array(slots).fill(-1);
    this.#values = new Float64Array(slots * width);
  }

  add(tick: number, values: readonly number[]): void {
    const slot = Math.floor(tick / this.seconds);
    const place = slot % this.slots;
    const from = place * this.width;
    if (this.#at[place] !== slot) {
      this.#values.fill(0, from, from + this.width);
      this.#at[place] = slot;
    }
    for (const [i, value] of values.entries()) {
      this.#values[from + i] = (this.#values[from + i] ?? 0) + value;
    }
  }

  sum(tick: number, seconds: number): Float64Array {
    const sums = new Float64Array(this.width);
    const last = Math.floor((tick - 1) / this.seconds);
    const first = Math.max(last - this.slots + 1, Math.floor((tick - seconds) / this.seconds));
    for (let slot = first; slot <= last; slot++) {
      const place = slot % this.slots;
      if (this.#at[place] !== slot) continue;
      const from = place * this.width;
      for (let i = 0; i < this.width; i++) sums[i] = (sums[i] ?? 0) + (this.#values[from + i] ?? 0);
    }
    return sums;
  }
}
