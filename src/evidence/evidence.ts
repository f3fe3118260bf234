/**
 * What `decide` may ask of evidence. A logical tick is a second of Unix time; everything asked for is of complete seconds
 * up to and with `tick - 1`. Equal observations give equal answers, so a recorded day can be judged again.
 */
import type { FailedRequest } from "./failed-requests.ts";
import type { SignalState } from "./snapshot.ts";

/** What counts are about: a service, or one part of it; an absent part: all of them together. */
export interface Arm {
  readonly service: string;
  /** By Envoy's own counters and histograms: every request. */
  readonly version?: string;
  /** `region/zone`. By load reports: every request tried; times are of a random sample. */
  readonly locality?: string;
  /** By the access log: a random sample of `SAMPLED_RATIO`. */
  readonly endpoint?: string;
  readonly tier?: string;
  readonly tenant?: string;
  /** Of some of the Envoys, by what they are compared for. */
  readonly cohort?: string;
  /** What objectives are judged by where that is not what was counted: slices of time, seconds left out. */
  readonly account?: string;
  /** Who counted: `metrics`, `load reports` or `access log`; requests tried, of that source alone. */
  readonly source?: string;
}

export const PARTS = [
  "version",
  "locality",
  "endpoint",
  "tier",
  "tenant",
  "source",
  "cohort",
  "account",
] as const;
export type Part = (typeof PARTS)[number];

/** What falls together that finds no room under a name of its own. */
export const OTHERS = "(others)";

/** Share of requests that the access log tells of, drawn at random. */
export const SAMPLED_RATIO = 0.01;

/** Share of an arm's requests that its counts are of: multiply a rate by its inverse, never the evidence. */
export function sampledRatioOf({ endpoint, tier, tenant, source }: Arm): number {
  const isSampled = [endpoint, tier, tenant].some((part) => part !== undefined);
  return isSampled || source === "access log" ? SAMPLED_RATIO : 1;
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
  /** Versions, localities, tiers, tenants with counts of a service, sorted. */
  partsOf(service: string, part: Part): readonly string[];
  signal(name: string): SignalReading | undefined;
  /** Values of a signal of the last `seconds`, oldest first, by second. */
  signalValues(
    name: string,
    seconds: number,
  ): readonly { readonly tick: number; readonly value: number }[];
  /** Sum of its values over the window, by whole hours beyond two minutes; undefined: there is none. */
  signalSum(name: string, seconds: number): number | undefined;
  /** Names of all signals, sorted. */
  readonly signals: readonly string[];
  /** Two sources that count the same thing and differ by more than they should; empty: none do. */
  readonly disagreements: readonly Disagreement[];
  /** Sampled ones, newest first; they lead to traces and are no evidence. */
  failedRequests(service: string, seconds: number): readonly FailedRequest[];
}

export interface Disagreement {
  readonly arm: Arm;
  /** One sentence. */
  readonly what: string;
  /** Of the larger of the two, in (0,1]. */
  readonly ratio: number;
  /** The Envoy whose counts are left out because of it; absent: nothing is. */
  readonly node?: string;
}
