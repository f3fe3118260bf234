/** How the canary is compared with the stable version beside it; `docs/statistics.md`. */
export interface Judge {
  readonly worse: {
    /** Chance of ever calling a canary worse that is not, (0, 0.5). */
    readonly alpha: number;
    /** A canary is worse beyond this multiple of the stable version's rate, >= 1. */
    readonly relativeRisk: number;
    /** And only by at least this much more, as a share of requests. */
    readonly absolute: number;
    readonly errors: boolean;
    /** Shares of the stable version's requests that are slower than the thresholds judged, e.g. p90 p95 p99. */
    readonly slowQuantiles: readonly number[];
  };
  readonly safe: {
    readonly beta: number;
    /** A canary is safe below this multiple. */
    readonly relativeRisk: number;
    readonly minRequests: number;
    /** So many bad events, or so long without reaching them. */
    readonly minErrors: number;
    readonly orSeconds: number;
  };
  /** The split seen may differ from the split set with this chance of a false alarm; beyond it nothing is judged. */
  readonly sampleRatioAlpha: number;
}
