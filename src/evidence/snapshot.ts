/**
 * What is known at one tick, as plain values: the input of `decide`. Rates are per second over the last
 * `WINDOW_SLOTS` slots, times milliseconds, names the intent's.
 */
export interface EvidenceSnapshot {
  /** Logical time, ms. */
  readonly nowMs: number;
  readonly nodes: readonly NodeEvidence[];
}

/** `ok`: heard of lately. `late`: a report is missing. `blind`: nothing may be concluded from silence. */
export type SignalState = "ok" | "late" | "blind";

export interface NodeEvidence {
  readonly node: string;
  /** Since the last report, ms. */
  readonly ageMs: number;
  readonly state: SignalState;
  readonly scopes: readonly ScopeEvidence[];
  readonly filter: FilterEvidence;
}

export interface FilterEvidence {
  /** Requests admitted because of a doubt inside the filter, since the filter counts. */
  readonly internalErrors: number;
  /** Requests admitted uncounted because the table of streams was full. */
  readonly untracked: number;
  /** Each worker limits for itself: Envoy keeps no metrics for the filter. */
  readonly isLocal: boolean;
}

export interface ScopeEvidence {
  /** Name of the Shedding. */
  readonly scope: string;
  readonly inflight: number;
  /** Concurrency limit found, requests. */
  readonly limit: number;
  readonly completedRps: number;
  /** Requests that ended without response headers. */
  readonly lostRps: number;
  /** Mean time to response headers; absent without completions in the window. */
  readonly rttMs?: number;
  readonly tiers: readonly TierEvidence[];
}

export interface TierEvidence {
  readonly tier: string;
  readonly admittedRps: number;
  readonly shedRps: number;
  readonly wouldShedRps: number;
  /** Totals of the present Envoy process. */
  readonly admitted: number;
  readonly shed: number;
  readonly wouldShed: number;
}
