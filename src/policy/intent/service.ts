import type { Endpoint } from "./endpoint.ts";
import type { LocalityShift } from "./locality-shift.ts";
import type { Rate } from "./rate.ts";

export interface Service {
  readonly name: string;
  /** Of the Policy whose action is laid over it; the intent as written never has it. */
  readonly decision?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner?: string;
  readonly protocol: "http1" | "http2" | "grpc";
  /** In order of name; never empty. */
  readonly versions: readonly ServiceVersion[];
  /** Version name to share; every version has one, at least one is above 0. */
  readonly weights: Readonly<Record<string, number>>;
  /** Whole request with its retries; 0: no limit. */
  readonly timeoutMs?: number;
  readonly retries?: {
    readonly attempts: number;
    readonly on: readonly string[];
    readonly budgetRatio?: number;
  };
  readonly circuitBreaker?: {
    readonly maxConnections?: number;
    readonly maxPending?: number;
    readonly maxRequests?: number;
  };
  readonly outlier?: {
    readonly consecutive5xx?: number;
    readonly intervalMs?: number;
    readonly baseEjectionMs?: number;
    readonly maxEjectedRatio?: number;
  };
  readonly healthCheck?: {
    readonly path: string;
    readonly intervalMs: number;
    readonly unhealthy: number;
    readonly healthy: number;
  };
  readonly sidecar?: Sidecar;
  /** Region to the regions that stand in for it; present: a caller prefers endpoints of its own region. */
  readonly failover?: Readonly<Record<string, readonly string[]>>;
  /** A caller prefers endpoints of its own zone to others of its region, and its region to others. */
  readonly prefersZone?: true;
  /** Absent: callers reach it in plaintext. */
  readonly tls?: ServiceTls;
  /** What an endpoint of weight 1 can carry; absent: nobody says. */
  readonly maxRatePerEndpoint?: Rate;
  /** Of Policies whose actions are laid over it; the intent as written never has any. */
  readonly shifts?: readonly LocalityShift[];
}

export interface ServiceVersion {
  readonly name: string;
  /** May be empty: then it answers 503. Empty too with `dns`. */
  readonly endpoints: readonly Endpoint[];
  /** A name that every Envoy resolves by itself. */
  readonly dns?: { readonly host: string; readonly port: number };
}

/**
 * Between Envoys of the mesh, each with its certificate: `permissive` takes plaintext from others too, `strict` does not.
 * `simple`: outside the mesh, which asks for no certificate.
 */
export type ServiceTls =
  | { readonly mode: "permissive" | "strict" }
  | {
      readonly mode: "simple";
      /** SNI, and the name that its certificate must bear. */
      readonly hostname: string;
      /** PEM. */
      readonly authorities: string;
    };

/** The Envoy beside each instance of a service: what comes to the instance, and what it sends, passes through it. */
export interface Sidecar {
  /** Port on every interface that the callers' endpoints name; 0 lets Envoy pick a free one. */
  readonly inbound: number;
  /** Where the instance itself listens. */
  readonly app: { readonly host: string; readonly port: number };
  /** Port on loopback through which the instance calls others; 0 lets Envoy pick a free one. */
  readonly outbound: number;
  /** Services it may call; absent: every one. */
  readonly calls?: readonly string[];
}
