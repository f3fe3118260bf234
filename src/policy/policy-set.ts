import type { Automation, Shifted } from "./automation.ts";

/**
 * Operator intent after parsing, validation and defaults: readonly, plain, ordered by name, independent of how many
 * files it came from. Durations are milliseconds, sizes counts, shares ratios in [0,1] unless a name says otherwise.
 */
export interface PolicySet extends Automation {
  /** SHA-256 of the canonical form, hex: equal intent, equal digest. */
  readonly digest: string;
  readonly gateways: readonly Gateway[];
  readonly httpRoutes: readonly Route[];
  readonly grpcRoutes: readonly Route[];
  readonly services: readonly Service[];
  readonly sheddings: readonly Shedding[];
  readonly rateLimits: readonly RateLimit[];
}

export interface Gateway {
  readonly name: string;
  /** IP addresses to bind; empty: every interface. */
  readonly addresses: readonly string[];
  readonly listeners: readonly GatewayListener[];
}

export interface GatewayListener {
  readonly name: string;
  readonly protocol: "HTTP" | "HTTPS";
  /** 0..65535; 0 lets Envoy pick a free port (tests and the demo). */
  readonly port: number;
  /** Absent: any. May start with `*.`. */
  readonly hostname?: string;
  /** Routes that may attach; absent: of every kind. */
  readonly routeKinds?: readonly RouteKind[];
  /** With HTTPS, and only then. */
  readonly tls?: ListenerTls;
}

export type ListenerTls =
  | {
      readonly kind: "files";
      /** PEM, the chain from the leaf on. */
      readonly certificate: string;
      /** Absolute, on the disk of Envoy as on that of the control plane. */
      readonly privateKeyFile: string;
    }
  /** A secret of Envoy's own bootstrap. */
  | { readonly kind: "secret"; readonly name: string };

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

/** Which pages of other origins a browser lets call. */
export interface Cors {
  /** `*`, exact, or with one `*` in front of the host. */
  readonly allowOrigins: readonly string[];
  readonly allowCredentials: boolean;
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

export interface RouteMatch {
  readonly path: {
    readonly type: "Exact" | "PathPrefix" | "RegularExpression";
    readonly value: string;
  };
  readonly method?: string;
  readonly headers: readonly KeyMatch[];
  readonly queryParams: readonly KeyMatch[];
  /** Only gRPC calls match; the parts `path` is made of, empty: any. */
  readonly grpc?: { readonly service: string; readonly method: string };
}

export interface KeyMatch {
  readonly name: string;
  readonly type: "Exact" | "RegularExpression";
  readonly value: string;
}

export interface Backend {
  readonly service: string;
  /** Absent: all versions of the service by the weights in force. */
  readonly version?: string;
  /** 0..1000000. */
  readonly weight: number;
}

export interface HeaderEdit {
  readonly set: readonly { readonly name: string; readonly value: string }[];
  readonly add: readonly { readonly name: string; readonly value: string }[];
  readonly remove: readonly string[];
}

export interface PathModifier {
  readonly type: "ReplaceFullPath" | "ReplacePrefixMatch";
  readonly value: string;
}

export type RouteFilter =
  | { readonly kind: "requestHeaders"; readonly edit: HeaderEdit }
  | { readonly kind: "responseHeaders"; readonly edit: HeaderEdit }
  | {
      readonly kind: "redirect";
      readonly scheme?: "http" | "https";
      readonly hostname?: string;
      readonly path?: PathModifier;
      readonly port?: number;
      readonly statusCode: 301 | 302 | 303 | 307 | 308;
    }
  | ({ readonly kind: "cors" } & Cors)
  | { readonly kind: "rewrite"; readonly hostname?: string; readonly path?: PathModifier }
  | {
      readonly kind: "mirror";
      readonly backend: Backend;
      readonly fraction: { readonly numerator: number; readonly denominator: number };
    };

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

/** Traffic of one locality, `region/zone` or `region`, that goes to others. */
export interface LocalityShift extends Shifted {
  readonly from: string;
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

export interface ServiceVersion {
  readonly name: string;
  /** May be empty: then it answers 503. Empty too with `dns`. */
  readonly endpoints: readonly Endpoint[];
  /** A name that every Envoy resolves by itself. */
  readonly dns?: { readonly host: string; readonly port: number };
}

export interface Endpoint {
  /** IP address. */
  readonly host: string;
  readonly port: number;
  readonly locality?: Locality;
  readonly weight: number;
  /** Absent: healthy, as far as is known. */
  readonly health?: "degraded" | "unhealthy" | "draining";
}

/** Where an endpoint or an Envoy is; the zone may be empty. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
}

export type Target =
  | { readonly kind: "service"; readonly name: string }
  | { readonly kind: "gateway"; readonly name: string }
  | { readonly kind: "route"; readonly name: string };

export interface Shedding {
  readonly name: string;
  readonly owner: string;
  readonly target: Target;
  readonly mode: "off" | "shadow" | "enforce";
  /** 1..8, most important first. */
  readonly tiers: readonly Tier[];
  /** Index into `tiers` of what matches nothing. */
  readonly unmatched: number;
  /** Requests in flight per Envoy. */
  readonly limit: { readonly min: number; readonly max: number; readonly initial: number };
  readonly answer: {
    readonly status: 429 | 503;
    readonly retryAfter: boolean;
    /** Tell callers with every answer how full the service is. */
    readonly loadReport: boolean;
  };
  readonly exempt: readonly SheddingMatch[];
  /** Who a request is for, and who gets how much of a tier; absent: requests of one tier are alike. */
  readonly tenant?: Tenant;
  /** Lower case: believed from verified peers only, stripped from everyone else. */
  readonly meshOnlyHeaders: readonly string[];
}

export interface Tenant {
  /** Lower case. */
  readonly header: string;
  /** Value of the header to its weight, 0.001..1000; others weigh 1. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface Tier {
  readonly name: string;
  /** Share of this tier no Policy may go below; absent: none. */
  readonly floorRatio?: number;
  /** Worth of one request. */
  readonly value?: number;
  readonly matches: readonly SheddingMatch[];
}

export interface SheddingMatch {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly path?: { readonly type: "Exact" | "PathPrefix"; readonly value: string };
}

interface AnyRateLimit {
  readonly name: string;
  /** As of a Service. */
  readonly decision?: string;
  readonly owner: string;
  readonly target: Target;
  readonly rate: Rate;
  /** Tokens a bucket holds, >= 1. */
  readonly burst: number;
  /** A bucket for each combination of values; empty: one bucket. No key twice. */
  readonly per: readonly RateLimitKey[];
  readonly mode: "off" | "shadow" | "enforce";
  /** How far a Policy may move the rate. */
  readonly bounds?: { readonly min?: Rate; readonly max?: Rate };
  /** Laid over by a Policy: tiers that have buckets of their own as well, beside those of all. */
  readonly tiered?: TieredRates;
}

export interface TieredRates {
  /** Of the Shedding that says what is of which tier. */
  readonly tiers: readonly Tier[];
  readonly unmatched: number;
  /** By name of the tier. */
  readonly rates: Readonly<Record<string, { readonly rate: Rate; readonly burst: number }>>;
}

/** `local`: every Envoy counts for itself. `global`: the control plane counts for all of them. */
export type RateLimit =
  | (AnyRateLimit & { readonly scope: "local" })
  | (AnyRateLimit & {
      readonly scope: "global";
      /** What an Envoy does while it gets no answer; `local`: it counts for itself. */
      readonly onUnavailable: "allow" | "deny" | "local";
    });

export type RateLimitKey =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "address" };

/** So many requests each `perMs` milliseconds: 1000, 60000, 3600000 or 86400000. */
export interface Rate {
  readonly requests: number;
  readonly perMs: number;
}

/** Which part of the intent a node gets (`node.metadata.qmesh` of its bootstrap). */
export type NodeRole =
  | { readonly role: "gateway"; readonly name: string }
  | { readonly role: "sidecar"; readonly service: string };

export type Severity = "error" | "warning";

/** One thing wrong with the intent, where it stands and what would be right. */
export interface Problem {
  readonly severity: Severity;
  /** Stable, `QM` and four digits. */
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `Kind/name`, or `document N` before a name is known. */
  readonly document: string;
  /** `spec.rules[0].backendRefs[1].weight`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
}
