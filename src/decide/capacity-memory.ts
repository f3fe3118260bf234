/** What is known of one scope of one gateway, for an Envoy that has learned nothing. */
export interface ScopeMemory {
  /** Concurrency limit, requests, > 0. */
  readonly limit: number;
  /** Time to response headers without queueing, ms, > 0. */
  readonly baselineMs: number;
}
