/**
 * One cumulative counter in slots of a second. A value that runs back is a new process: all of it counts. Time that runs
 * back falls into the newest slot. The first value only starts the series: what was before is not known to be recent.
 */
export const SLOT_MS = 1000;

/** The window rates are taken over: long enough for a report or two to be late. */
export const WINDOW_SLOTS = 5;

export class Series {
  readonly #slots = new Float64Array(WINDOW_SLOTS + 1);
  #slot: number;
  readonly #firstMs: number;
  #total: number;

  constructor(nowMs: number, total: number) {
    this.#slot = Math.floor(nowMs / SLOT_MS);
    this.#firstMs = nowMs;
    this.#total = total;
  }

  /** The counter's last value. */
  get total(): number {
    return this.#total;
  }

  observe(nowMs: number, total: number): void {
    this.#roll(nowMs);
    const rise = total >= this.#total ? total - this.#total : total;
    this.#total = total;
    this.#add(rise);
  }

  /** Sum over the window that ends at `nowMs`. */
  sum(nowMs: number): number {
    this.#roll(nowMs);
    return this.#slots.reduce((sum, count) => sum + count, 0);
  }

  /** Per second over the window, or over the life of the series while that is shorter. */
  rate(nowMs: number): number {
    const intoSlot = nowMs - this.#slot * SLOT_MS;
    const lifeMs = Math.max(SLOT_MS, nowMs - this.#firstMs);
    return (
      (this.sum(nowMs) / Math.min(lifeMs, WINDOW_SLOTS * SLOT_MS + Math.max(0, intoSlot))) * 1000
    );
  }

  #roll(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    const steps = Math.min(slot - this.#slot, this.#slots.length);
    for (let step = 1; step <= steps; step++)
      this.#slots[(this.#slot + step) % this.#slots.length] = 0;
    if (slot > this.#slot) this.#slot = slot;
    // After a gap longer than the window every slot was cleared, whatever index it had.
    if (steps === this.#slots.length) this.#slots.fill(0);
  }

  #add(rise: number): void {
    const index = this.#slot % this.#slots.length;
    this.#slots[index] = (this.#slots[index] ?? 0) + rise;
  }
}
