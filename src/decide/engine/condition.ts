import type { Seen } from "../record.ts";

/** What a condition came to. */
export interface Checked {
  /** Undefined: something it rests on is unknown, so nothing may follow from it. */
  readonly value: boolean | undefined;
  /** Values of its parts, the whole last. */
  readonly seen: readonly Seen[];
  /** What was unknown, as sentences. */
  readonly unknown: readonly string[];
  /** Probabilities that it read, true whatever it made of them. */
  readonly claims: readonly Claim[];
}

/** P(a signal, or the burn of an objective, is above a level), over the window that the author chose. */
export interface Claim {
  readonly of: string;
  readonly above: number;
  readonly chance: number;
}
