/** One request of a captured trace, as an Envoy in front of the service saw it. */
export interface TraceRequest {
  /** When it came, ms since any fixed moment. */
  readonly atMs: number;
  /** How long it took, ms, >= 0. */
  readonly durationMs: number;
  /** Value of `xds.cluster_name`; empty: not known. */
  readonly cluster: string;
  /** Value of `xds.route_name`; empty: not known. */
  readonly route: string;
  /** With its query. */
  readonly path: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of the answer; 0: there was none. */
  readonly status: number;
}
