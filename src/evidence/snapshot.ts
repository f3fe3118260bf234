/**
 * What is known at one tick, as plain values sorted by name: the input of `decide`. Rates are per second over the node's
 * window, counts those of the present Envoy process (they begin again with it), times milliseconds.
 */
export interface EvidenceSnapshot {
  /** Monotonic; ages are counted back from it. */
  readonly nowMs: number;
  readonly nodes: readonly NodeEvidence[];
}

/** `ok`: heard of lately. `late`: reports are missing. `blind`: nothing may be concluded from silence. */
export type SignalState = "ok" | "late" | "blind";

export interface NodeEvidence {
  /** `node.id` of the Envoy. */
  readonly node: string;
  /** What it says it runs as, `gateway/edge` or `sidecar/checkout`; absent while it has not said. */
  readonly role?: string;
  /** False: it was expected, and never sent a report. */
  readonly hasReported: boolean;
  /** By age, and `blind` before the first report. */
  readonly state: SignalState;
  /** Since the last report, or since the node was expected if it never sent one; >= 0. */
  readonly ageMs: number;
  /** What the rates below look back over; 0: a single report, no rate is known and all are 0. */
  readonly windowMs: number;
  readonly scopes: readonly ScopeEvidence[];
  readonly filter: FilterEvidence;
  readonly clusters: readonly ClusterEvidence[];
}

export interface FilterEvidence {
  /** The filter runs and its metrics reach us. */
  readonly isHeard: boolean;
  /** Requests admitted because of a doubt inside the filter. */
  readonly internalErrors: number;
  /** Requests admitted uncounted because the table of streams was full. */
  readonly untracked: number;
  /** Every worker limits for itself: Envoy shares no gauges with the filter. */
  readonly isLocal: boolean;
}

export interface ScopeEvidence {
  /** Name of the Shedding. */
  readonly scope: string;
  /** Requests in flight at the last report. */
  readonly inflight: number;
  /** Concurrency limit found, requests; 0: not reported yet. */
  readonly limit: number;
  /** Time to response headers without queueing, as the filter found it; absent before it knows. */
  readonly baselineMs?: number;
  /** Requests whose response headers came. */
  readonly completedRps: number;
  /** Requests that ended without response headers. */
  readonly lostRps: number;
  /** Mean time to response headers; absent if none came in the window. */
  readonly rttMs?: number;
  readonly tiers: readonly TierEvidence[];
}

/** A tier appears with its first request. */
export interface TierEvidence {
  readonly tier: string;
  readonly admittedRps: number;
  readonly shedRps: number;
  /** Admitted, but would have been shed with `mode: enforce`. */
  readonly wouldShedRps: number;
  readonly admitted: number;
  readonly shed: number;
  readonly wouldShed: number;
}

/** One upstream cluster, as Envoy counts it. A push that changes the cluster restarts some of its counters. */
export interface ClusterEvidence {
  readonly cluster: string;
  readonly requestRps: number;
  readonly error5xxRps: number;
  readonly inflight: number;
  readonly connections: number;
}
