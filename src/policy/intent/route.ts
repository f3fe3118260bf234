import type { RouteFilter } from "./route-filter.ts";
import type { RouteMatch } from "./route-match.ts";

export type RouteKind = "HTTPRoute" | "GRPCRoute";

export interface Route {
  readonly kind: RouteKind;
  readonly name: string;
  readonly parents: readonly { readonly gateway: string; readonly sectionName?: string }[];
  /** Services (the mesh form): the rules hold for who calls one of them through a sidecar. */
  readonly meshParents: readonly string[];
  /** At Gateways; a Service is called by its own name. Empty: any. */
  readonly hostnames: readonly string[];
  readonly rules: readonly RouteRule[];
}

export interface RouteRule {
  /** Any of them; never empty (default: PathPrefix /). */
  readonly matches: readonly RouteMatch[];
  readonly filters: readonly RouteFilter[];
  /** Empty only together with a redirect filter. */
  readonly backends: readonly Backend[];
  /** 0 switches a timeout off; absent: the Service's. */
  readonly timeouts: { readonly requestMs?: number; readonly backendRequestMs?: number };
  /** Absent: the Service's. */
  readonly retry?: RuleRetry;
}

export interface RuleRetry {
  /** After the first. */
  readonly attempts: number;
  /** Envoy's words for conditions, and status codes. */
  readonly on: readonly string[];
  /** Before the first retry, and growing from there; absent: Envoy's 25 ms. */
  readonly backoffMs?: number;
}

export interface Backend {
  readonly service: string;
  /** Absent: all versions of the service by the weights in force. */
  readonly version?: string;
  /** 0..1000000. */
  readonly weight: number;
}
