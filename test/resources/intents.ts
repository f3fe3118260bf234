import type { PolicySet } from "../../src/policy/policy-set.ts";
import {
  endpoint,
  gateway,
  httpRoute,
  match,
  policySet,
  rule,
  service,
  shedding,
} from "../support/policy-set.ts";

const prefix = (value: string) => ({ path: { type: "PathPrefix", value } }) as const;

/** One gateway, one route, one service in two versions, one Shedding: what most people start with. */
export const SHOP: PolicySet = policySet({
  gateways: [gateway({ addresses: ["127.0.0.1"] })],
  httpRoutes: [
    httpRoute({
      hostnames: ["shop.example"],
      rules: [
        rule({
          matches: [match(prefix("/pay"))],
          timeouts: { requestMs: 1000, backendRequestMs: 400 },
        }),
      ],
    }),
  ],
  services: [
    service({
      versions: [
        {
          name: "v41",
          endpoints: [
            endpoint({ port: 9001 }),
            endpoint({ port: 9002, locality: { region: "eu", zone: "a" }, weight: 2 }),
            endpoint({ port: 9003, locality: { region: "eu", zone: "a" } }),
          ],
        },
        { name: "v42", endpoints: [] },
      ],
      weights: { v41: 100, v42: 0 },
      timeoutMs: 2000,
      retries: { attempts: 2, on: ["connect-failure", "503"], budgetRatio: 0.2 },
      circuitBreaker: { maxConnections: 1024, maxPending: 256, maxRequests: 512 },
      outlier: {
        consecutive5xx: 5,
        intervalMs: 5000,
        baseEjectionMs: 30_000,
        maxEjectedRatio: 0.5,
      },
      healthCheck: { path: "/healthz", intervalMs: 5000, unhealthy: 3, healthy: 2 },
    }),
  ],
  sheddings: [
    shedding({
      tiers: [
        {
          name: "critical",
          floorRatio: 0.9,
          value: 1,
          matches: [
            { headers: [{ name: "X-Criticality", value: "critical" }] },
            { headers: [], ...prefix("/pay/") },
          ],
        },
        { name: "default", matches: [] },
        {
          name: "sheddable",
          matches: [{ headers: [{ name: "x-criticality", value: "sheddable" }] }],
        },
      ],
      unmatched: 1,
      exempt: [{ headers: [], path: { type: "Exact", value: "/healthz" } }],
      tenant: { header: "x-tenant", weights: { zeta: 0.5, acme: 2 } },
      meshOnlyHeaders: ["x-criticality"],
    }),
  ],
});

/** Two listeners on one port and one on another; three routes; a Shedding for each kind of target. */
export const HOSTS: PolicySet = policySet({
  gateways: [
    gateway({ name: "elsewhere" }),
    gateway({
      addresses: ["10.0.0.1", "::1"],
      listeners: [
        { name: "any", protocol: "HTTP", port: 80 },
        { name: "shop", protocol: "HTTP", port: 80, hostname: "*.shop.example" },
        { name: "internal", protocol: "HTTP", port: 8081 },
      ],
    }),
  ],
  httpRoutes: [
    httpRoute({ name: "api", hostnames: ["api.shop.example", "Api.example"] }),
    httpRoute({ name: "hidden", parents: [{ gateway: "elsewhere" }] }),
    httpRoute({
      name: "web",
      parents: [
        { gateway: "edge", sectionName: "any" },
        { gateway: "edge", sectionName: "shop" },
      ],
      rules: [
        rule({ matches: [match(prefix("/old"))], backends: [], filters: [moved()] }),
        rule({
          matches: [match(prefix("/x"))],
          backends: [
            { service: "checkout", weight: 3 },
            { service: "pages", version: "v1", weight: 1 },
          ],
        }),
      ],
    }),
  ],
  services: [
    service({ versions: ["v1", "v2"].map((name) => ({ name, endpoints: [] })) }),
    service({ name: "pages", protocol: "grpc", versions: [{ name: "v1", endpoints: [] }] }),
    service({ name: "unused" }),
  ],
  sheddings: [
    shedding({ name: "a-gateway", target: { kind: "gateway", name: "edge" }, mode: "shadow" }),
    shedding({ name: "b-elsewhere", target: { kind: "gateway", name: "elsewhere" } }),
    shedding({ name: "c-service", target: { kind: "service", name: "checkout" } }),
    shedding({ name: "d-unused", target: { kind: "service", name: "unused" } }),
    shedding({ name: "e-route", target: { kind: "route", name: "api" }, mode: "off" }),
  ],
});

/**
 * Two services with sidecars and two without. `checkout` may call three: `ledger`, whose callers take a route, `audit`, which has
 * none, and `rates`, which sheds for itself; `rates` may call everything.
 */
export const MESH: PolicySet = policySet({
  gateways: [],
  httpRoutes: [
    httpRoute({
      name: "ledger",
      parents: [],
      meshParents: ["ledger"],
      rules: [
        rule({ backends: [{ service: "ledger", weight: 1 }], timeouts: { requestMs: 300 } }),
        rule({
          matches: [match(prefix("/v2"))],
          backends: [{ service: "ledger-next", weight: 1 }],
        }),
      ],
    }),
    httpRoute({ name: "elsewhere", parents: [], meshParents: ["unused"] }),
  ],
  services: [
    service({ name: "audit", timeoutMs: 500 }),
    service({
      circuitBreaker: { maxRequests: 64 },
      retries: { attempts: 2, on: ["503"], budgetRatio: 0.2 },
      sidecar: {
        inbound: 15_006,
        app: { host: "127.0.0.1", port: 3000 },
        outbound: 15_001,
        calls: ["audit", "ledger", "rates"],
      },
    }),
    service({ name: "ledger" }),
    service({ name: "ledger-next" }),
    service({
      name: "rates",
      protocol: "grpc",
      sidecar: { inbound: 15_006, app: { host: "127.0.0.1", port: 3001 }, outbound: 15_001 },
    }),
    service({ name: "unused" }),
  ],
  sheddings: [
    shedding({ name: "a-own", meshOnlyHeaders: ["x-criticality"] }),
    shedding({ name: "b-alone", target: { kind: "service", name: "audit" } }),
    shedding({
      name: "c-rates",
      target: { kind: "service", name: "rates" },
      meshOnlyHeaders: ["x-user"],
    }),
    shedding({ name: "d-route", target: { kind: "route", name: "ledger" } }),
    shedding({ name: "e-unused", target: { kind: "service", name: "unused" } }),
  ],
});

/** HTTPS for two hosts and any other, with a certificate from files and two of Envoy's own; beside it a redirect to it. */
export const SECURE: PolicySet = policySet({
  gateways: [
    gateway({
      listeners: [
        { name: "http", protocol: "HTTP", port: 80 },
        {
          name: "shop",
          protocol: "HTTPS",
          port: 443,
          hostname: "shop.example",
          tls: { kind: "files", certificate: "PEM", privateKeyFile: "/etc/qmesh/shop.key" },
        },
        {
          name: "wild",
          protocol: "HTTPS",
          port: 443,
          hostname: "*.example",
          tls: { kind: "secret", name: "wild" },
        },
        { name: "any", protocol: "HTTPS", port: 443, tls: { kind: "secret", name: "any" } },
      ],
    }),
  ],
  httpRoutes: [
    httpRoute({ name: "all", parents: [{ gateway: "edge" }] }),
    httpRoute({
      name: "moved",
      parents: [{ gateway: "edge" }],
      hostnames: ["old.example"],
      rules: [rule({ backends: [], filters: [moved()] })],
    }),
  ],
  services: [service()],
});

const call = (service: string, method: string) =>
  match({
    path:
      method === ""
        ? { type: "PathPrefix", value: `/${service}` }
        : { type: "Exact", value: `/${service}/${method}` },
    grpc: { service, method },
  });

/** A GRPCRoute on a listener of its own kind, beside one for HTTPRoutes; a Shedding of each. */
export const CALLS: PolicySet = policySet({
  gateways: [
    gateway({
      listeners: [
        { name: "web", protocol: "HTTP", port: 80, routeKinds: ["HTTPRoute"] },
        { name: "grpc", protocol: "HTTP", port: 50_051, routeKinds: ["GRPCRoute"] },
      ],
    }),
  ],
  httpRoutes: [httpRoute({ name: "web" })],
  grpcRoutes: [
    httpRoute({
      kind: "GRPCRoute",
      name: "calls",
      rules: [
        rule({ matches: [call("shop.Cart", "")], backends: [{ service: "cart", weight: 1 }] }),
        rule({
          matches: [call("shop.Cart", "Add"), call("shop.Cart.Long", "")],
          backends: [
            { service: "cart", weight: 9 },
            { service: "cart-next", weight: 1 },
          ],
        }),
      ],
    }),
  ],
  services: [
    service(),
    service({ name: "cart", protocol: "grpc", timeoutMs: 2000 }),
    service({ name: "cart-next", protocol: "grpc", timeoutMs: 1000 }),
  ],
  sheddings: [
    shedding({ name: "a-calls", target: { kind: "route", name: "calls" } }),
    shedding({ name: "b-web", target: { kind: "route", name: "web" } }),
  ],
});

function moved() {
  return { kind: "redirect", hostname: "new.example", statusCode: 301 } as const;
}
