/**
 * What `decide` may ask of evidence. A logical tick is a second of Unix time; everything asked for is of complete seconds
 * up to and with `tick - 1`. Equal observations give equal answers, so a recorded day can be judged again.
 */
import type { SignalState } from "./snapshot.ts";

/** What counts are about; an absent part: all of them together. */
export interface Arm {
  readonly service: string;
  readonly version?: string;
  /** `region/zone`. */
  readonly locality?: string;
  readonly tier?: string;
  readonly tenant?: string;
  /** Of some of the Envoys, by what they are compared for. */
  readonly cohort?: string;
}

/** For counts that are of no service in particular. */
export const ANY_SERVICE = "*";

/** Counts, never ratios, of the seconds of a window that are not void. */
export interface Counts {
  readonly requests: number;
  /** Answered 5xx, or not at all; at most `requests`. */
  readonly errors: number;
  /** Requests slower than each of `SLOW_MS`, falling. Only within `timed` of them. */
  readonly slow: readonly number[];
  /** Requests whose time is known. */
  readonly timed: number;
  /** Seconds with evidence, and those left out: a reset counter, our own push, a gap. */
  readonly seconds: number;
  readonly voidSeconds: number;
}

/** Milliseconds; edges of the buckets of the bootstrap's histograms. */
export const SLOW_MS = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000,
  10_000,
] as const;

/** One value of a signal pushed or queried from outside the mesh. */
export interface SignalReading {
  readonly name: string;
  readonly state: SignalState;
  /** Of the newest value. */
  readonly ageSeconds: number;
  /** Newest; absent while blind. */
  readonly value?: number;
  /** Of the newest value. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Evidence {
  readonly tick: number;
  /** Names of services with counts, sorted. */
  readonly services: readonly string[];
  /** Whether anything may be concluded about an arm, and since when it was heard. */
  stateOf(arm: Arm): { readonly state: SignalState; readonly ageSeconds: number };
  /** Of the last `seconds`, which end with the newest complete second. */
  countsOf(arm: Arm, seconds: number): Counts;
  /** Localities, tiers, tenants with counts of a service, sorted. */
  partsOf(service: string, part: "version" | "locality" | "tier" | "tenant"): readonly string[];
  signal(name: string): SignalReading | undefined;
  /** Values of a signal of the last `seconds`, oldest first, by second. */
  signalValues(
    name: string,
    seconds: number,
  ): readonly { readonly tick: number; readonly value: number }[];
  /** Two sources that count the same thing and differ by more than they should; empty: none do. */
  readonly disagreements: readonly { readonly arm: Arm; readonly what: string }[];
}
