/**
 * When a source reported: the newest report of each of the last slots of a second that had one. A series holds its
 * running total at each of these checkpoints, so a rate is a difference of totals over a difference of times, exact
 * however much the reports jitter. A gap makes no empty slots: what came during it spreads over the time it took.
 * Time that runs back counts as no time passing.
 */
export const SLOT_MS = 1000;

/** Slots a rate looks back over: one late report of five moves it little, and a change shows in a few seconds. */
export const WINDOW_SLOTS = 5;

/** Five intervals lie between six reports. */
export const CHECKPOINTS = WINDOW_SLOTS + 1;

/** Envoy's timer fires a little late each time: without slack the sixth report back would fall out at random. */
const WINDOW_MS = (WINDOW_SLOTS + 0.5) * SLOT_MS;

export class Slots {
  readonly #times = new Float64Array(CHECKPOINTS);
  #checkpoint = -1;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Number of the newest checkpoint, from 0; -1 before the first report. */
  get checkpoint(): number {
    return this.#checkpoint;
  }

  /** Time of the newest report; -Infinity before the first. */
  get lastMs(): number {
    return this.#lastMs;
  }

  report(nowMs: number): void {
    const isNewSlot = Math.floor(nowMs / SLOT_MS) > Math.floor(this.#lastMs / SLOT_MS);
    if (isNewSlot) this.#checkpoint += 1;
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    this.#times[this.#checkpoint % CHECKPOINTS] = this.#lastMs;
  }

  /** The window that ends with the newest report; after a gap longer than it, the gap. */
  window(): Window {
    const oldest = Math.max(0, this.#checkpoint - WINDOW_SLOTS);
    let from = Math.max(oldest, this.#checkpoint - 1);
    while (from > oldest && this.#lastMs - this.#timeAt(from - 1) <= WINDOW_MS) from -= 1;
    return { from, ms: this.#checkpoint < 0 ? 0 : this.#lastMs - this.#timeAt(from) };
  }

  #timeAt(checkpoint: number): number {
    return this.#times[checkpoint % CHECKPOINTS] ?? 0;
  }
}

export interface Window {
  /** Checkpoint it starts from. */
  readonly from: number;
  /** Its length; 0 with a single report: no rate is known then. */
  readonly ms: number;
}
