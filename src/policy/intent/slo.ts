/** OpenSLO `SLO`. */
export interface Slo {
  readonly name: string;
  readonly owner?: string;
  /** Name of a Service. */
  readonly service: string;
  /** Of a Shedding; absent: requests of all tiers. */
  readonly tier?: string;
  /** Share that must be good, in (0,1). */
  readonly target: number;
  /** Rolling. */
  readonly windowSeconds: number;
  /** Absent: every request counts alike (Occurrences). */
  readonly timeslice?: { readonly seconds: number; readonly target: number };
  readonly indicator: Indicator;
}

/** What makes a request good. */
export type Indicator =
  /** Answered, and not with 5xx. */
  | { readonly kind: "errors" }
  /** Answered faster than this. */
  | { readonly kind: "latency"; readonly thresholdMs: number }
  /** Two queries of counters that only rise. */
  | {
      readonly kind: "prometheus";
      /** Name of the Adapter that asks. */
      readonly adapter: string;
      readonly good: string;
      readonly total: string;
    };
