import fc from "fast-check";
import type { Gateway } from "../../src/policy/intent/gateway.ts";
import type { RateLimit, RateLimitKey } from "../../src/policy/intent/rate-limit.ts";
import type { Backend, Route, RouteRule } from "../../src/policy/intent/route.ts";
import type { RouteFilter } from "../../src/policy/intent/route-filter.ts";
import type { RouteMatch } from "../../src/policy/intent/route-match.ts";
import type { Service, Sidecar } from "../../src/policy/intent/service.ts";
import type { Shedding } from "../../src/policy/intent/shedding.ts";
import type { Target } from "../../src/policy/intent/target.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { endpoint, policySet, rateLimit, shedding } from "../support/policy-set.ts";

/** Any valid intent over few names, so that hostnames, paths and targets meet often. */
export function arbitraryIntent(): fc.Arbitrary<PolicySet> {
  return fc
    .uniqueArray(arbitraryService(), { minLength: 1, maxLength: 3, selector: ({ name }) => name })
    .chain((services) =>
      fc.record({ services: fc.constant(services), gateways: arbitraryGateways() }),
    )
    .chain(({ services, gateways }) =>
      fc
        .uniqueArray(arbitraryRoute(gateways, services), {
          maxLength: 4,
          selector: ({ name }) => name,
        })
        .chain((httpRoutes) =>
          fc
            .record({
              sheddings: arbitrarySheddings(gateways, httpRoutes, services),
              rateLimits: arbitraryRateLimits(gateways, httpRoutes, services),
            })
            .map((acting) => policySet({ services, gateways, httpRoutes, ...acting })),
        ),
    );
}

export const HOSTNAMES = ["a.example", "b.a.example", "*.a.example", "*.example", "c.test"];
export const PATHS = ["/", "/pay", "/pay/", "/pay/now", "/pay.", "/payroll"];

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

function arbitraryService(): fc.Arbitrary<Service> {
  const versions = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("v1", "v2", "v3"),
      endpoints: fc.array(
        fc
          .record({
            port: fc.integer({ min: 1, max: 65535 }),
            weight: fc.nat(9),
            health: maybe(fc.constantFrom("degraded", "unhealthy", "draining")),
          })
          .map(({ health, ...parts }) => endpoint({ ...parts, ...(health && { health }) })),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 3, selector: ({ name }) => name },
  );
  const parts = fc.record({
    name: fc.constantFrom("s1", "s2", "s3"),
    protocol: fc.constantFrom("http1", "http2", "grpc"),
    versions,
    shares: fc.array(fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 3,
      maxLength: 3,
    }),
    timeoutMs: maybe(fc.nat(100_000)),
    sidecar: maybe(arbitrarySidecar()),
    retries: maybe(
      fc.record({
        attempts: fc.nat(5),
        on: fc.subarray(["5xx", "503", "connect-failure"]),
        budgetRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    ),
  });
  return parts.map(({ shares, timeoutMs, retries, sidecar, ...rest }) => ({
    ...rest,
    labels: {},
    weights: Object.fromEntries(
      rest.versions.map(({ name }, i) => [name, i === 0 ? shares[i]! + 1 : shares[i]!]),
    ),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retries !== undefined && { retries }),
    ...(sidecar !== undefined && { sidecar }),
  }));
}

function arbitrarySidecar(): fc.Arbitrary<Sidecar> {
  return fc.subarray(["s1", "s2", "s3"]).map((calls) => ({
    inbound: 15_006,
    app: { host: "127.0.0.1", port: 3000 },
    outbound: 15_001,
    ...(calls.length < 3 && { calls }),
  }));
}

function arbitraryGateways(): fc.Arbitrary<Gateway[]> {
  const listener = fc
    .record({
      name: fc.constantFrom("l1", "l2", "l3"),
      port: fc.constantFrom(0, 80, 8080),
      hostname: maybe(fc.constantFrom(...HOSTNAMES)),
    })
    .map(({ name, port, hostname }) => ({
      name,
      port,
      protocol: "HTTP" as const,
      ...(hostname !== undefined && { hostname }),
    }));
  const gateway = fc.record({
    name: fc.constantFrom("edge", "inner"),
    addresses: fc.subarray(["127.0.0.1", "::1"]),
    listeners: fc.uniqueArray(listener, { minLength: 1, maxLength: 3, selector: (l) => l.name }),
  });
  return fc.uniqueArray(gateway, { minLength: 1, maxLength: 2, selector: ({ name }) => name });
}

function arbitraryRoute(
  gateways: readonly Gateway[],
  services: readonly Service[],
): fc.Arbitrary<Route> {
  const parents = gateways.flatMap(({ name, listeners }) => [
    { gateway: name },
    ...listeners.map((listener) => ({ gateway: name, sectionName: listener.name })),
  ]);
  return fc.record({
    kind: fc.constant("HTTPRoute" as const),
    name: fc.constantFrom("r1", "r2", "r3", "r4"),
    parents: fc.subarray(parents, { minLength: 1 }),
    meshParents: fc.subarray(services.map(({ name }) => name)),
    hostnames: fc.subarray(HOSTNAMES),
    rules: fc.array(arbitraryRule(services), { minLength: 1, maxLength: 3 }),
  });
}

function arbitraryRule(services: readonly Service[]): fc.Arbitrary<RouteRule> {
  const backend = arbitraryBackend(services);
  return fc
    .record({
      matches: fc.array(arbitraryMatch(), { minLength: 1, maxLength: 2 }),
      filters: fc.uniqueArray(arbitraryFilter(backend), { maxLength: 3, selector: (f) => f.kind }),
      backends: fc.array(backend, { minLength: 1, maxLength: 3 }),
      requestMs: maybe(fc.nat(5000)),
      backendRequestMs: maybe(fc.nat(5000)),
    })
    .map(({ requestMs, backendRequestMs, ...rest }) => ({
      ...rest,
      timeouts: {
        ...(requestMs !== undefined && { requestMs }),
        ...(backendRequestMs !== undefined && { backendRequestMs }),
      },
    }));
}

function arbitraryBackend(services: readonly Service[]): fc.Arbitrary<Backend> {
  const targets = services.flatMap(({ name, versions }) => [
    { service: name },
    ...versions.map((version) => ({ service: name, version: version.name })),
  ]);
  const weight = fc.constantFrom(0, 1, 7, 1_000_000);
  return fc.record({ target: fc.constantFrom(...targets), weight }).map(({ target, weight }) => ({
    ...target,
    weight,
  }));
}

function arbitraryMatch(): fc.Arbitrary<RouteMatch> {
  const exactly = (name: string) => ({ name, type: "Exact", value: "1" }) as const;
  return fc
    .record({
      type: fc.constantFrom("Exact", "PathPrefix"),
      value: fc.constantFrom(...PATHS),
      method: maybe(fc.constantFrom("GET", "POST")),
      headers: fc.subarray(["x-a", "X-B"]),
      queryParams: fc.subarray(["a", "b"]),
    })
    .map(({ type, value, method, headers, queryParams }) => ({
      path: { type, value },
      ...(method !== undefined && { method }),
      headers: headers.map(exactly),
      queryParams: queryParams.map(exactly),
    }));
}

function arbitraryFilter(backend: fc.Arbitrary<Backend>): fc.Arbitrary<RouteFilter> {
  const path = fc.record({
    type: fc.constant("ReplaceFullPath" as const),
    value: fc.constantFrom("/", "/new", "/a%20b"),
  });
  const edit = fc.record({
    set: fc.subarray([{ name: "x-a", value: "100%" }]),
    add: fc.subarray([{ name: "x-b", value: "" }]),
    remove: fc.subarray(["x-c"]),
  });
  return fc.oneof(
    fc.record({ kind: fc.constantFrom("requestHeaders", "responseHeaders"), edit }),
    fc.record({
      kind: fc.constant("redirect" as const),
      path,
      statusCode: fc.constant(308 as const),
    }),
    fc.record({ kind: fc.constant("rewrite" as const), path }),
    fc.record({
      kind: fc.constant("mirror" as const),
      backend,
      fraction: fc.constantFrom(
        { numerator: 1, denominator: 3 },
        { numerator: 50, denominator: 100 },
      ),
    }),
  );
}

function arbitrarySheddings(...intent: Targets): fc.Arbitrary<Shedding[]> {
  return fc
    .subarray(targetsOf(...intent))
    .map((held) =>
      held.map((target) => shedding({ name: `${target.kind}-${target.name}`, target })),
    );
}

function arbitraryRateLimits(...intent: Targets): fc.Arbitrary<RateLimit[]> {
  const keys: readonly RateLimitKey[] = [
    { kind: "address" },
    { kind: "header", name: "x-a" },
    { kind: "header", name: "x-b" },
  ];
  const limit = fc.record({
    target: fc.constantFrom(...targetsOf(...intent)),
    mode: fc.constantFrom("off", "shadow", "enforce"),
    per: fc.subarray([...keys]),
    where: fc.constantFrom(
      { scope: "local" },
      { scope: "global", onUnavailable: "allow" },
      { scope: "global", onUnavailable: "deny" },
      { scope: "global", onUnavailable: "local" },
    ),
  });
  return fc
    .array(limit, { maxLength: 4 })
    .map((limits) =>
      limits.map(({ where, ...parts }, index) =>
        rateLimit({ ...parts, ...where, name: `l${index}` } as Partial<RateLimit>),
      ),
    );
}

type Targets = [
  gateways: readonly Gateway[],
  routes: readonly Route[],
  services: readonly Service[],
];

function targetsOf(...[gateways, routes, services]: Targets): Target[] {
  return [
    ...gateways.map(({ name }) => ({ kind: "gateway", name }) as const),
    ...routes.map(({ name }) => ({ kind: "route", name }) as const),
    ...services.map(({ name }) => ({ kind: "service", name }) as const),
  ];
}
