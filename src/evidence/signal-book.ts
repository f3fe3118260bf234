import type { SignalReading } from "./evidence.ts";
import type { SignalState } from "./snapshot.ts";

/**
 * Values of signals from outside the mesh: the last of each second for two minutes, of each ten seconds for an hour; and their
 * sums by the hour for 30 days, for what adds up, as a bill does. About 12 KB a signal at most.
 */
const FINE_SECONDS = 120;
const KEPT_SECONDS = 3600;
const COARSE_SECONDS = 10;
const HOURS = 720;
const MAX_SIGNALS = 32_768;
const DEFAULT_MAX_AGE_SECONDS = 30;

type Value = { readonly tick: number; readonly value: number };

interface Book {
  maxAgeSeconds: number;
  /** Rising ticks; all of the last two minutes. */
  fine: Value[];
  /** Before those. */
  coarse: Value[];
  /** By hour of Unix time. */
  readonly hours: Map<number, number>;
  labels: Readonly<Record<string, string>>;
}

export type SignalEvent =
  | { readonly kind: "declare"; readonly name: string; readonly maxAgeSeconds: number }
  | {
      readonly kind: "signal";
      readonly name: string;
      readonly tick: number;
      readonly value: number;
      readonly labels: Readonly<Record<string, string>>;
    };

export class SignalBook {
  readonly #books = new Map<string, Book>();

  constructor(private readonly tap?: (event: SignalEvent) => void) {}

  /** Sorted. */
  get names(): readonly string[] {
    return [...this.#books.keys()].sort();
  }

  /** False: there is no room for another name. */
  declare(name: string, maxAgeSeconds: number): boolean {
    const known = this.#books.get(name);
    if (known?.maxAgeSeconds === maxAgeSeconds) return true;
    if (known === undefined && this.#books.size >= MAX_SIGNALS) return false;
    this.tap?.({ kind: "declare", name, maxAgeSeconds });
    const empty = { fine: [], coarse: [], hours: new Map(), labels: {} };
    this.#books.set(name, { ...(known ?? empty), maxAgeSeconds });
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
    const last = book?.fine.at(-1) ?? book?.coarse.at(-1);
    if (book === undefined || (last !== undefined && tick < last.tick)) return false;
    this.tap?.({ kind: "signal", name, tick, value, labels });
    // Another value of the same second replaces it, and what it added up to.
    const replaced = last?.tick === tick ? book.fine.pop()?.value : undefined;
    book.fine.push({ tick, value });
    book.labels = labels;
    const hour = Math.floor(tick / 3600);
    book.hours.set(hour, (book.hours.get(hour) ?? 0) + value - (replaced ?? 0));
    age(book, tick);
    return true;
  }

  restore(event: SignalEvent): void {
    if (event.kind === "declare") this.declare(event.name, event.maxAgeSeconds);
    else this.add(event.name, event.tick, event.value, event.labels);
  }

  reading(name: string, tick: number): SignalReading | undefined {
    const book = this.#books.get(name);
    if (book === undefined) return undefined;
    const { labels, maxAgeSeconds } = book;
    const newest = book.fine.at(-1);
    if (newest === undefined) {
      return { name, state: "blind", ageSeconds: Number.POSITIVE_INFINITY, labels };
    }
    const ageSeconds = Math.max(0, tick - newest.tick);
    const state = stateOf(ageSeconds, maxAgeSeconds);
    return { name, state, ageSeconds, labels, ...(state !== "blind" && { value: newest.value }) };
  }

  values(name: string, tick: number, seconds: number): readonly Value[] {
    const book = this.#books.get(name);
    if (book === undefined) return [];
    const isWithin = (each: Value) => each.tick >= tick - seconds && each.tick <= tick;
    const fine = book.fine.filter(isWithin);
    return seconds <= FINE_SECONDS ? fine : [...book.coarse.filter(isWithin), ...fine];
  }

  /** Of all values of the window: exact up to two minutes, beyond that by whole hours. Undefined: there is none. */
  sum(name: string, tick: number, seconds: number): number | undefined {
    const book = this.#books.get(name);
    if (book === undefined) return undefined;
    const parts =
      seconds <= FINE_SECONDS
        ? this.values(name, tick, seconds).map(({ value }) => value)
        : [...book.hours].flatMap(([hour, sum]) =>
            hour * 3600 > tick - seconds - 3600 && hour * 3600 <= tick ? [sum] : [],
          );
    return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part, 0);
  }
}

/** Of ten old seconds the last stays. */
function age(book: Book, tick: number): void {
  while ((book.fine[0]?.tick ?? tick) < tick - FINE_SECONDS && book.fine.length > 1) {
    const old = book.fine.shift();
    const last = book.coarse.at(-1);
    if (old === undefined) break;
    const slot = ({ tick: at }: Value) => Math.floor(at / COARSE_SECONDS);
    if (last !== undefined && slot(last) === slot(old)) book.coarse.pop();
    book.coarse.push(old);
  }
  if ((book.coarse[0]?.tick ?? tick) < tick - KEPT_SECONDS - 60) {
    book.coarse = book.coarse.filter((each) => each.tick >= tick - KEPT_SECONDS);
  }
  for (const hour of book.hours.keys()) {
    if (hour > tick / 3600 - HOURS) break;
    book.hours.delete(hour);
  }
}

/** Blind after three times the age at which it is late. */
function stateOf(ageSeconds: number, maxAgeSeconds: number): SignalState {
  if (ageSeconds <= maxAgeSeconds) return "ok";
  return ageSeconds <= 3 * maxAgeSeconds ? "late" : "blind";
}
