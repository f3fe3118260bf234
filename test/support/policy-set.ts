import type { Endpoint } from "../../src/policy/intent/endpoint.ts";
import type { Gateway } from "../../src/policy/intent/gateway.ts";
import type { RateLimit } from "../../src/policy/intent/rate-limit.ts";
import type { Route, RouteRule } from "../../src/policy/intent/route.ts";
import type { RouteMatch } from "../../src/policy/intent/route-match.ts";
import type { Service } from "../../src/policy/intent/service.ts";
import type { Shedding } from "../../src/policy/intent/shedding.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";

/** Valid intent with as little in it as the contract allows; a test writes only what it is about. */
export function policySet(parts: Partial<PolicySet> = {}): PolicySet {
  return {
    digest: "0".repeat(64),
    gateways: [gateway()],
    httpRoutes: [],
    grpcRoutes: [],
    services: [],
    sheddings: [],
    rateLimits: [],
    slos: [],
    burnAlerts: [],
    policies: [],
    rollouts: [],
    guardrails: [],
    overrides: [],
    maintenances: [],
    adapters: [],
    identities: [],
    runbooks: [],
    ...parts,
  };
}

export function gateway(parts: Partial<Gateway> = {}): Gateway {
  return {
    name: "edge",
    addresses: [],
    listeners: [{ name: "http", protocol: "HTTP", port: 8000 }],
    ...parts,
  };
}

/** On a free port of loopback, as a real Envoy can have it. */
export function loopbackGateway(): Gateway {
  const listeners = [{ name: "http", protocol: "HTTP", port: 0 }] as const;
  return gateway({ addresses: ["127.0.0.1"], listeners });
}

/** Versions of a service that has one, at these ports of this machine. */
export function oneVersion(...ports: readonly number[]): Service["versions"] {
  return [{ name: "v1", endpoints: ports.map((port) => endpoint({ port })) }];
}

export function httpRoute(parts: Partial<Route> = {}): Route {
  return {
    kind: "HTTPRoute",
    name: "checkout",
    parents: [{ gateway: "edge" }],
    meshParents: [],
    hostnames: [],
    rules: [rule()],
    ...parts,
  };
}

export function rule(parts: Partial<RouteRule> = {}): RouteRule {
  return {
    matches: [match()],
    filters: [],
    backends: [{ service: "checkout", weight: 1 }],
    timeouts: {},
    ...parts,
  };
}

export function match(parts: Partial<RouteMatch> = {}): RouteMatch {
  return { path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [], ...parts };
}

export function service(parts: Partial<Service> = {}): Service {
  const versions = parts.versions ?? [{ name: "v1", endpoints: [endpoint()] }];
  return {
    name: "checkout",
    labels: {},
    protocol: "http1",
    versions,
    weights: Object.fromEntries(versions.map(({ name }) => [name, 1])),
    ...parts,
  };
}

export function endpoint(parts: Partial<Endpoint> = {}): Endpoint {
  return { host: "127.0.0.1", port: 9001, weight: 1, ...parts };
}

export function shedding(parts: Partial<Shedding> = {}): Shedding {
  return {
    name: "checkout",
    owner: "team-pay",
    target: { kind: "service", name: "checkout" },
    mode: "enforce",
    tiers: [{ name: "default", matches: [] }],
    unmatched: 0,
    limit: { min: 4, max: 1000, initial: 16 },
    answer: { status: 429, retryAfter: true, loadReport: false },
    exempt: [],
    meshOnlyHeaders: [],
    ...parts,
  };
}

export function rateLimit(parts: Partial<RateLimit> = {}): RateLimit {
  return {
    name: "checkout",
    owner: "team-pay",
    target: { kind: "service", name: "checkout" },
    rate: { requests: 10, perMs: 3_600_000 },
    burst: 3,
    per: [],
    mode: "enforce",
    scope: "local",
    ...parts,
  } as RateLimit;
}
