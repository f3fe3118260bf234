import type { SignalReading } from "./evidence.ts";
import type { SignalState } from "./snapshot.ts";

/** Values of signals from outside the mesh, the last of each second, for an hour. */
const KEPT_SECONDS = 3600;
const MAX_SIGNALS = 1024;
const DEFAULT_MAX_AGE_SECONDS = 30;

interface Book {
  readonly maxAgeSeconds: number;
  /** Rising ticks. */
  values: { readonly tick: number; readonly value: number }[];
  labels: Readonly<Record<string, string>>;
}

export class SignalBook {
  readonly #books = new Map<string, Book>();

  /** False: there is no room for another name. */
  declare(name: string, maxAgeSeconds: number): boolean {
    const known = this.#books.get(name);
    if (known === undefined && this.#books.size >= MAX_SIGNALS) return false;
    this.#books.set(name, { values: [], labels: {}, ...known, maxAgeSeconds });
    return true;
  }

  /** False if it is no number, older than what is known, or of a name without room. */
  add(
    name: string,
    tick: number,
    value: number,
    labels: Readonly<Record<string, string>> = {},
  ): boolean {
    if (!Number.isFinite(value)) return false;
    if (!this.#books.has(name) && !this.declare(name, DEFAULT_MAX_AGE_SECONDS)) return false;
    const book = this.#books.get(name);
    const last = book?.values.at(-1);
    if (book === undefined || (last !== undefined && tick < last.tick)) return false;
    if (last?.tick === tick) book.values.pop();
    book.values.push({ tick, value });
    book.labels = labels;
    const from = tick - KEPT_SECONDS;
    if ((book.values[0]?.tick ?? tick) < from - 60) {
      book.values = book.values.filter((each) => each.tick >= from);
    }
    return true;
  }

  reading(name: string, tick: number): SignalReading | undefined {
    const book = this.#books.get(name);
    if (book === undefined) return undefined;
    const { labels, maxAgeSeconds } = book;
    const newest = book.values.at(-1);
    if (newest === undefined) {
      return { name, state: "blind", ageSeconds: Number.POSITIVE_INFINITY, labels };
    }
    const ageSeconds = Math.max(0, tick - newest.tick);
    const state = stateOf(ageSeconds, maxAgeSeconds);
    return { name, state, ageSeconds, labels, ...(state !== "blind" && { value: newest.value }) };
  }

  values(name: string, tick: number, seconds: number) {
    const values = this.#books.get(name)?.values ?? [];
    return values.filter((each) => each.tick >= tick - seconds && each.tick <= tick);
  }
}

/** Blind after three times the age at which it is late. */
function stateOf(ageSeconds: number, maxAgeSeconds: number): SignalState {
  if (ageSeconds <= maxAgeSeconds) return "ok";
  return ageSeconds <= 3 * maxAgeSeconds ? "late" : "blind";
}
