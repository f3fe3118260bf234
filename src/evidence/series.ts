import { CHECKPOINTS } from "./slots.ts";

/**
 * One cumulative counter of one source: how much it rose, at each checkpoint of the source's `Slots`. A value that runs
 * back is a counter that began again at 0, so the whole new value is its rise. An equal value adds nothing, so a report
 * that comes twice is harmless.
 */
export class Series {
  /** Sum of all rises up to a checkpoint; only the last `CHECKPOINTS` of them are held. */
  readonly #risen = new Float64Array(CHECKPOINTS);
  readonly #first: number;
  #newest: number;
  #value: number;

  /** `base`: the value whose rise is counted from; a first report says nothing of when its counts came: base = value. */
  constructor(checkpoint: number, base: number) {
    this.#first = checkpoint;
    this.#newest = checkpoint;
    this.#value = base;
  }

  /** As the source said it last. */
  get value(): number {
    return this.#value;
  }

  observe(checkpoint: number, value: number): void {
    const rise = value >= this.#value ? value - this.#value : value;
    const risen = this.#at(this.#newest) + rise;
    for (let at = Math.max(this.#newest + 1, checkpoint - CHECKPOINTS + 1); at < checkpoint; at++)
      this.#risen[at % CHECKPOINTS] = risen - rise;
    this.#risen[checkpoint % CHECKPOINTS] = risen;
    this.#newest = checkpoint;
    this.#value = value;
  }

  /** Rise since a checkpoint at most `CHECKPOINTS` - 1 before the newest of the source; at least 0. */
  riseSince(checkpoint: number): number {
    if (checkpoint >= this.#newest) return 0;
    const before = checkpoint < this.#first ? 0 : this.#at(checkpoint);
    return this.#at(this.#newest) - before;
  }

  #at(checkpoint: number): number {
    return this.#risen[checkpoint % CHECKPOINTS] ?? 0;
  }
}
