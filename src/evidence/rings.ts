/**
 * Counts of one arm at several grains: how many slots of how many seconds each. A slot holds `width` counts; what is older
 * than its ring is gone. Memory is taken as slots are first used, 4 bytes a count: at most slots x width x 4.
 */
export interface Grain {
  readonly seconds: number;
  readonly slots: number;
}

/** Seconds of 2 minutes, tens of seconds of 15 minutes, minutes of 6 hours, hours of 30 days: 1,290 slots. */
export const LONG_GRAINS: readonly Grain[] = [
  { seconds: 1, slots: 120 },
  { seconds: 10, slots: 90 },
  { seconds: 60, slots: 360 },
  { seconds: 3600, slots: 720 },
];

/** For what there may be much of: an hour, 270 slots. */
export const SHORT_GRAINS: readonly Grain[] = [
  { seconds: 1, slots: 120 },
  { seconds: 10, slots: 90 },
  { seconds: 60, slots: 60 },
];

export class Rings {
  readonly #rings: readonly Ring[];

  constructor(width: number, grains: readonly Grain[]) {
    this.#rings = grains.map((grain) => new Ring(grain, width));
  }

  /** `width` of the values, from `at` on. */
  add(tick: number, values: readonly number[], at = 0): void {
    for (const ring of this.#rings) ring.add(tick, values, at);
  }

  /** Adds the sums of the `seconds` before `tick` to `into`, from the finest ring that reaches so far back. */
  sum(tick: number, seconds: number, into: number[]): void {
    const ring = this.#rings.find((each) => each.reach >= seconds) ?? this.#rings.at(-1);
    if (ring === undefined) throw new Error("invariant: there are rings");
    ring.sum(tick, seconds, into);
  }
}

/** Of the slots from `first` to before `last`. */
interface WindowSum {
  first: number;
  last: number;
  readonly sum: number[];
}

/** Windows of one ring whose sums are kept. */
const MOST_WINDOWS = 16;

/** Slots allocated together. */
const CHUNK = 60;

class Ring {
  readonly reach: number;
  readonly #seconds: number;
  readonly #slots: number;
  /** Which slot of time each place holds. */
  readonly #at: number[] = [];
  readonly #chunks: (Uint32Array | undefined)[] = [];
  readonly #sums = new Map<number, WindowSum>();

  constructor(
    { seconds, slots }: Grain,
    private readonly width: number,
  ) {
    this.#seconds = seconds;
    this.#slots = slots;
    this.reach = seconds * slots;
  }

  add(tick: number, values: readonly number[], offset: number): void {
    const slot = Math.floor(tick / this.#seconds);
    const place = slot % this.#slots;
    const at = Math.floor(place / CHUNK);
    const chunk = this.#chunks[at] ?? new Uint32Array(CHUNK * this.width);
    this.#chunks[at] = chunk;
    const from = (place % CHUNK) * this.width;
    if (this.#at[place] !== slot) {
      chunk.fill(0, from, from + this.width);
      this.#at[place] = slot;
    }
    for (let i = 0; i < this.width; i++) {
      chunk[from + i] = Math.min(MOST, (chunk[from + i] ?? 0) + (values[offset + i] ?? 0));
    }
  }

  sum(tick: number, seconds: number, into: number[]): void {
    const last = Math.floor((tick - 1) / this.#seconds);
    const first = Math.max(last - this.#slots + 1, Math.floor((tick - seconds) / this.#seconds));
    const before = this.#closedSum(first, last, seconds);
    for (let i = 0; i < this.width; i++) into[i] = (into[i] ?? 0) + (before[i] ?? 0);
    this.#addUp(last, last, into);
  }

  /** Slots before the newest do not change: each window keeps its sum, and takes in and lets go as time passes. */
  #closedSum(first: number, last: number, seconds: number): readonly number[] {
    const known = this.#sums.get(seconds);
    if (known !== undefined && this.#canMove(known, first, last)) {
      this.#addUp(known.first, first - 1, known.sum, -1);
      this.#addUp(known.last, last - 1, known.sum);
      known.first = first;
      known.last = last;
      return known.sum;
    }
    const sum = new Array<number>(this.width).fill(0);
    this.#addUp(first, last - 1, sum);
    if (this.#sums.size >= MOST_WINDOWS) this.#sums.clear();
    this.#sums.set(seconds, { first, last, sum });
    return sum;
  }

  /** What it would let go was in its sum, and is still there to be subtracted. */
  #canMove(known: WindowSum, first: number, last: number): boolean {
    if (first < known.first || last < known.last || first > known.last) return false;
    for (let slot = known.first; slot < first; slot++) {
      if ((this.#at[slot % this.#slots] ?? slot) > slot) return false;
    }
    return true;
  }

  #addUp(first: number, last: number, into: number[], sign = 1): void {
    for (let slot = first; slot <= last; slot++) {
      const place = slot % this.#slots;
      const chunk = this.#at[place] === slot ? this.#chunks[Math.floor(place / CHUNK)] : undefined;
      if (chunk === undefined) continue;
      const from = (place % CHUNK) * this.width;
      for (let i = 0; i < this.width; i++) {
        into[i] = (into[i] ?? 0) + sign * (chunk[from + i] ?? 0);
      }
    }
  }
}

/** A million requests a second for an hour is less. */
const MOST = 2 ** 32 - 1;
