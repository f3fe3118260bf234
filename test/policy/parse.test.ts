import assert from "node:assert/strict";
import { parseIntent } from "../../src/policy/parse.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { gateway, grpcRoute, route, service, shedding, toText } from "./documents.ts";

function load(documents: readonly unknown[]): PolicySet {
  const parsed = parseIntent([{ file: "a.yaml", text: toText(documents) }]);
  assert.ok(parsed.ok, JSON.stringify(parsed.problems));
  return parsed.value;
}

const loadService = (spec: Record<string, unknown>) => load([service(spec)]).services[0]!;
const loadShedding = (spec: Record<string, unknown>) =>
  load([service(), shedding(spec)]).sheddings[0]!;
const loadRule = (rule: Record<string, unknown>) =>
  load([gateway(), service(), route(rule)]).httpRoutes[0]!.rules[0]!;

describe("parseIntent", () => {
  it("makes an empty set of no files and of empty documents", () => {
    const none = parseIntent([]);
    const empty = parseIntent([{ file: "a.yaml", text: "# nothing\n---\n---\n" }]);

    assert.ok(none.ok && empty.ok);
    assert.deepEqual(empty.value, none.value);
    assert.deepEqual(none.value.gateways, []);
  });

  it("gives a rule without matches the prefix / and a backend without weight 1", () => {
    const rule = loadRule({});

    assert.deepEqual(rule, {
      matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [] }],
      filters: [],
      backends: [{ service: "shop", weight: 1 }],
      timeouts: {},
    });
  });

  it("reads timeouts as milliseconds, also 1m30s as 90000 and 0s as 0", () => {
    const { timeouts } = loadRule({ timeouts: { request: "0s", backendRequest: "1m30s" } });

    assert.deepEqual(timeouts, { requestMs: 0, backendRequestMs: 90_000 });
  });

  it("lowers header names and takes the last / off a prefix", () => {
    const match = { path: { value: "/pay/" }, headers: [{ name: "X-Tier", value: "Gold" }] };
    const [read] = loadRule({ matches: [match] }).matches;

    assert.deepEqual(read, {
      path: { type: "PathPrefix", value: "/pay" },
      headers: [{ type: "Exact", name: "x-tier", value: "Gold" }],
      queryParams: [],
    });
  });

  it("reads a version out of a ServiceVersion reference", () => {
    const backendRefs = [
      { group: "quantum.mesh", kind: "ServiceVersion", name: "shop.v1", weight: 7 },
    ];

    assert.deepEqual(loadRule({ backendRefs }).backends, [
      { service: "shop", version: "v1", weight: 7 },
    ]);
  });

  it("reads every filter", () => {
    const edit = { set: [{ name: "A", value: "1" }], add: [], remove: ["B"] };
    const { filters } = loadRule({
      filters: [
        { type: "RequestHeaderModifier", requestHeaderModifier: edit },
        { type: "ResponseHeaderModifier", responseHeaderModifier: { remove: ["c"] } },
        {
          type: "URLRewrite",
          urlRewrite: { hostname: "a.b", path: { type: "ReplaceFullPath", replaceFullPath: "/x" } },
        },
        { type: "RequestMirror", requestMirror: { backendRef: { name: "shop" }, percent: 5 } },
        { type: "RequestMirror", requestMirror: { backendRef: { name: "shop" } } },
      ],
    });

    assert.deepEqual(filters, [
      {
        kind: "requestHeaders",
        edit: { set: [{ name: "a", value: "1" }], add: [], remove: ["b"] },
      },
      { kind: "responseHeaders", edit: { set: [], add: [], remove: ["c"] } },
      { kind: "rewrite", hostname: "a.b", path: { type: "ReplaceFullPath", value: "/x" } },
      {
        kind: "mirror",
        backend: { service: "shop", weight: 1 },
        fraction: { numerator: 5, denominator: 100 },
      },
      {
        kind: "mirror",
        backend: { service: "shop", weight: 1 },
        fraction: { numerator: 100, denominator: 100 },
      },
    ]);
  });

  it("reads retry of a rule: codes after what ends without an answer, 1 attempt unless told", () => {
    const { retry } = loadRule({ retry: { codes: [503, 500, 503], backoff: "100ms" } });

    assert.deepEqual(retry, {
      attempts: 1,
      on: ["connect-failure", "refused-stream", "reset", "500", "503"],
      backoffMs: 100,
    });
    assert.equal(loadRule({}).retry, undefined);
  });

  it("reads CORS with no credentials and 5 s of memory unless told", () => {
    const filters = [{ type: "CORS", cors: { allowOrigins: ["https://*.shop.example"] } }];

    assert.deepEqual(loadRule({ filters }).filters, [
      {
        kind: "cors",
        allowOrigins: ["https://*.shop.example"],
        allowCredentials: false,
        allowMethods: [],
        allowHeaders: [],
        exposeHeaders: [],
        maxAgeSeconds: 5,
      },
    ]);
  });

  it("redirects with 302 unless told otherwise", () => {
    const filters = [{ type: "RequestRedirect", requestRedirect: { scheme: "https", port: 8443 } }];
    const rule = loadRule({ filters, backendRefs: [] });

    assert.deepEqual(rule.filters, [
      { kind: "redirect", scheme: "https", port: 8443, statusCode: 302 },
    ]);
  });

  it("names the one version of a Service with plain endpoints v1", () => {
    const { versions, weights, protocol } = loadService({ endpoints: ["127.0.0.1:9001"] });

    assert.deepEqual(versions, [
      { name: "v1", endpoints: [{ host: "127.0.0.1", port: 9001, weight: 1 }] },
    ]);
    assert.deepEqual(weights, { v1: 1 });
    assert.equal(protocol, "http1");
  });

  it("splits evenly by endpoint where no weights stand: 3 to 1", () => {
    const blue = { endpoints: ["1.1.1.1:1", { address: "[::1]:1", weight: 2 }] };
    const documents = [
      { ...service(), spec: { versions: { green: { endpoints: ["1.1.1.1:2"] }, blue } } },
    ];

    assert.deepEqual(load(documents).services[0]?.weights, { blue: 3, green: 1 });
  });

  it("gives 0 to a version that weights leaves out", () => {
    const versions = { a: { endpoints: ["1.1.1.1:1"] }, b: { endpoints: ["1.1.1.1:2"] } };
    const documents = [{ ...service(), spec: { versions, weights: { b: 5 } } }];

    assert.deepEqual(load(documents).services[0]?.weights, { a: 0, b: 5 });
  });

  it("reads all that bounds a Service, in milliseconds and ratios", () => {
    const read = loadService({
      protocol: "grpc",
      timeout: "1s",
      retries: { attempts: 2, on: ["connect-failure", 503], budget: "20%" },
      circuitBreaker: { maxPending: 256 },
      outlier: { consecutive5xx: 5, interval: "5s", baseEjection: "30s", maxEjected: "12.5%" },
      healthCheck: { path: "/healthz" },
    });

    assert.equal(read.timeoutMs, 1000);
    assert.deepEqual(read.retries, {
      attempts: 2,
      on: ["connect-failure", "503"],
      budgetRatio: 0.2,
    });
    assert.deepEqual(read.circuitBreaker, { maxPending: 256 });
    assert.deepEqual(read.outlier, {
      consecutive5xx: 5,
      intervalMs: 5000,
      baseEjectionMs: 30_000,
      maxEjectedRatio: 0.125,
    });
    assert.deepEqual(read.healthCheck, {
      path: "/healthz",
      intervalMs: 5000,
      unhealthy: 3,
      healthy: 2,
    });
  });

  it("reads the calls of a GRPCRoute as paths, and keeps the parts for precedence", () => {
    const method = (parts: Record<string, string>) => ({ method: parts });
    const matches = [
      method({ service: "shop.Cart", method: "Add" }),
      method({ service: "shop.Cart" }),
      method({ method: "Add" }),
      method({ type: "RegularExpression", service: "shop[.].*", method: "A|B" }),
      {},
    ];
    const set = load([gateway(), service({ protocol: "grpc" }), grpcRoute({ matches })]);

    const [read] = set.grpcRoutes;
    assert.equal(read?.kind, "GRPCRoute");
    assert.deepEqual(
      read?.rules[0]?.matches.map(({ path, grpc }) => [path.type, path.value, grpc]),
      [
        ["Exact", "/shop.Cart/Add", { service: "shop.Cart", method: "Add" }],
        ["PathPrefix", "/shop.Cart", { service: "shop.Cart", method: "" }],
        ["RegularExpression", "/(?:[^/]+)/(?:Add)", { service: "", method: "Add" }],
        ["RegularExpression", "/(?:shop[.].*)/(?:A|B)", { service: "shop[.].*", method: "A|B" }],
        ["PathPrefix", "/", { service: "", method: "" }],
      ],
    );
  });

  it("takes a Service with all 12 of its fields", () => {
    const one = loadService({
      endpoints: undefined,
      protocol: "http2",
      versions: {
        v41: {
          endpoints: [
            "127.0.0.1:9001",
            { address: "127.0.0.1:9002", locality: { region: "eu", zone: "a" }, weight: 2 },
            { address: "127.0.0.1:9003", health: "draining" },
          ],
        },
        v42: { dns: "checkout-v42.shop.svc:8080" },
      },
      weights: { v41: 100, v42: 0 },
      timeout: "1s",
      retries: { attempts: 2, on: ["connect-failure", "503"], budget: "20%" },
      circuitBreaker: { maxConnections: 1024, maxPending: 256, maxRequests: 1024 },
      outlier: { consecutive5xx: 5, interval: "5s", baseEjection: "30s", maxEjected: "50%" },
      healthCheck: { path: "/healthz", interval: "5s", unhealthy: 3, healthy: 2 },
      failover: [{ from: { region: "eu" }, to: { region: "us" } }],
      trafficDistribution: "PreferSameZone",
      tls: { mode: "strict" },
      sidecar: { inbound: 15006, app: "127.0.0.1:3000", outbound: 15001 },
    });

    assert.deepEqual(one.failover, { eu: ["us"] });
    assert.deepEqual([one.prefersZone, one.tls], [true, { mode: "strict" }]);
    assert.deepEqual(
      one.versions[0]?.endpoints.map(({ health, weight }) => [health, weight]),
      [
        [undefined, 1],
        [undefined, 2],
        ["draining", 1],
      ],
    );
  });

  it("gives a version no share for what drains or is unhealthy, where weights are absent", () => {
    const endpoints = ["draining", "unhealthy", "degraded", "healthy"].map((health, at) => ({
      address: `127.0.0.1:${at + 1}`,
      health,
    }));
    const { weights } = loadService({
      endpoints: undefined,
      versions: { a: { endpoints }, b: { endpoints: ["127.0.0.1:9"] } },
    });

    assert.deepEqual(weights, { a: 2, b: 1 });
  });

  it("reads a sidecar with its ports, its instance and its calls by name, by default every Service", () => {
    const sidecar = { inbound: 15006, app: "[::1]:3000", outbound: 15001 };
    const read = {
      inbound: 15006,
      app: { host: "::1", port: 3000 },
      outbound: 15001,
    };

    assert.deepEqual(loadService({ sidecar }).sidecar, read);
    const [first] = load([
      service({ sidecar: { ...sidecar, calls: ["shop", "pay"] } }),
      service({}, "pay"),
    ]).services.filter(({ name }) => name === "shop");
    assert.deepEqual(first?.sidecar, { ...read, calls: ["pay", "shop"] });
    assert.equal(loadService({}).sidecar, undefined);
  });

  it("tells parents that are Gateways from those that are Services", () => {
    const parentRefs = [
      { name: "edge", sectionName: "http" },
      { group: "quantum.mesh", kind: "Service", name: "shop" },
    ];
    const [read] = load([gateway(), service(), route({}, { parentRefs })]).httpRoutes;

    assert.deepEqual(read?.parents, [{ gateway: "edge", sectionName: "http" }]);
    assert.deepEqual(read?.meshParents, ["shop"]);
  });

  it("reads a tenant's header and trusted headers in lower case, weights as written, by default none", () => {
    const read = loadShedding({
      tenant: { header: "X-Tenant", weights: { Acme: 2, "17": 0.5 } },
      trust: [{ header: "X-User", from: "mesh" }],
    });

    assert.deepEqual(read.tenant, { header: "x-tenant", weights: { Acme: 2, "17": 0.5 } });
    assert.deepEqual(read.meshOnlyHeaders, ["x-user"]);
    assert.deepEqual(loadShedding({ tenant: { header: "t" } }).tenant, {
      header: "t",
      weights: {},
    });
    assert.equal(loadShedding({}).tenant, undefined);
    assert.deepEqual(loadShedding({}).meshOnlyHeaders, []);
  });

  it("gives a Shedding the limit 4..1000 from 16, the answer 429 and the mode enforce", () => {
    const read = loadShedding({});

    assert.deepEqual(read.limit, { min: 4, max: 1000, initial: 16 });
    assert.deepEqual(read.answer, { status: 429, retryAfter: true, loadReport: false });
    assert.equal(read.mode, "enforce");
    assert.deepEqual(read.target, { kind: "service", name: "shop" });
  });

  it("brings the default limits inside a bound that is written: max 2 gives 2..2 from 2", () => {
    assert.deepEqual(loadShedding({ limit: { max: 2 } }).limit, { min: 2, max: 2, initial: 2 });
    assert.deepEqual(loadShedding({ limit: { min: 50 } }).limit, {
      min: 50,
      max: 1000,
      initial: 50,
    });
    const above = { min: 5000, max: 5000, initial: 5000 };
    assert.deepEqual(loadShedding({ limit: { min: 5000 } }).limit, above);
  });

  const gold = { name: "gold", matches: [{ path: { value: "/gold" } }] };
  const tin = { name: "tin", matches: [{ path: { value: "/tin" } }] };
  const rest = { name: "rest" };

  it("puts what matches nothing into the named tier, else the one without matches, else the last", () => {
    const tiers = [gold, rest, tin];

    assert.equal(loadShedding({ tiers, unmatched: "tin" }).unmatched, 2);
    assert.equal(loadShedding({ tiers }).unmatched, 1);
    assert.equal(loadShedding({ tiers: [gold, tin] }).unmatched, 1);
  });

  it("keeps floor and value and warns of each tier that has them", () => {
    const text = toText([
      service(),
      shedding({ tiers: [{ ...gold, floor: 0.9, value: 2 }, rest] }),
    ]);
    const parsed = parseIntent([{ file: "a.yaml", text }]);

    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ["QM0902"],
    );
    const [tier] = parsed.value.sheddings[0]!.tiers;
    assert.equal(tier?.floorRatio, 0.9);
    assert.equal(tier?.value, 2);
  });

  it("takes a List as a cluster exports it, with status, annotations and the core group", () => {
    const exported = (document: { metadata: object }) => ({
      ...document,
      metadata: {
        name: "shop",
        namespace: "prod",
        uid: "1",
        generation: 3,
        annotations: { "quantum.mesh/owner": "team-pay" },
      },
      status: { conditions: [] },
    });
    const items = [
      gateway(),
      exported(service()),
      exported(shedding()),
      route({ backendRefs: [{ group: "", kind: "Service", name: "shop", port: 80 }] }),
    ];
    const read = load([{ apiVersion: "v1", kind: "List", metadata: {}, items }]);

    assert.equal(read.services[0]?.owner, "team-pay");
    assert.equal(read.sheddings[0]?.owner, "team-pay");
    assert.equal(read.httpRoutes.length, 1);
  });

  it("tells of a fault in the second file although the first has one too", () => {
    const files = [
      { file: "a.yaml", text: "kind: [\n" },
      { file: "b.yaml", text: "\n\nkind: Nothing\n" },
    ];
    const parsed = parseIntent(files);

    assert.ok(!parsed.ok);
    assert.deepEqual(parsed.problems.map(({ file, code }) => `${file} ${code}`).slice(-1), [
      "b.yaml QM0009",
    ]);
    assert.equal(parsed.problems.at(-1)?.line, 3);
  });

  it("does not call a Service absent whose own file cannot be read", () => {
    const files = [
      { file: "a.yaml", text: toText([gateway(), route()]) },
      { file: "b.yaml", text: "kind: Service\nkind: Service\n" },
    ];
    const parsed = parseIntent(files);

    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ["QM0002"],
    );
  });

  it("points into a block of YAML at the line of the key", () => {
    const text = [
      "# shop",
      "apiVersion: quantum.mesh/v1",
      "kind: Service",
      "metadata:",
      "  name: shop",
      "  owner: team",
      "spec:",
      "  endpoints:",
      "    - 127.0.0.1:9001",
      "    - address: 127.0.0.1:9002",
      "      weight:",
      "        -1",
      "  timeout: 5",
    ].join("\n");
    const parsed = parseIntent([{ file: "shop.yaml", text }]);

    assert.deepEqual(
      parsed.problems.map(({ line, path }) => [line, path]),
      [
        [11, "spec.endpoints[1].weight"],
        [13, "spec.timeout"],
      ],
    );
  });
});
