import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import type { Route } from "../../src/policy/intent/route.ts";
import type { RouteFilter } from "../../src/policy/intent/route-filter.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
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
import { stubWasm } from "../support/stub-wasm.ts";

/** Every filter and match of the contract at once, in front of servers that tell what reached them. */
function intent(ports: { readonly v41: number; readonly v42: number }): PolicySet {
  const at = (port: number) => [endpoint({ port, locality: { region: "eu", zone: "a" } })];
  const checkout = service({
    versions: [
      { name: "v41", endpoints: at(ports.v41) },
      { name: "v42", endpoints: at(ports.v42) },
      { name: "v43", endpoints: [] },
    ],
    weights: { v41: 100, v42: 0, v43: 0 },
    timeoutMs: 1000,
    retries: { attempts: 2, on: ["connect-failure", "503"], budgetRatio: 0.2 },
    circuitBreaker: { maxConnections: 10, maxPending: 11, maxRequests: 12 },
    outlier: { consecutive5xx: 5, intervalMs: 5000, baseEjectionMs: 30000, maxEjectedRatio: 0.5 },
    healthCheck: { path: "/healthz", intervalMs: 5000, unhealthy: 3, healthy: 2 },
  });
  const grpc = service({ name: "ledger", protocol: "grpc" });
  return policySet({
    gateways: [
      gateway({
        addresses: ["127.0.0.1"],
        listeners: [
          { name: "any", protocol: "HTTP", port: 0 },
          { name: "shop", protocol: "HTTP", port: 0, hostname: "*.shop.example" },
        ],
      }),
    ],
    services: [checkout, grpc],
    httpRoutes: [fallback(), filters(), shop(), root()],
    sheddings: [shedding(), shedding({ name: "all", target: { kind: "gateway", name: "edge" } })],
  });
}

const V41 = [{ service: "checkout", version: "v41", weight: 1 }];
const V42 = [{ service: "checkout", version: "v42", weight: 1 }];

function fallback(): Route {
  return httpRoute({
    name: "fallback",
    parents: [{ gateway: "edge", sectionName: "any" }],
    rules: [
      rule(),
      rule({ matches: [match({ path: { type: "PathPrefix", value: "/pay/" } })], backends: V42 }),
      rule({
        matches: [match({ path: { type: "Exact", value: "/pay" }, method: "DELETE" })],
        backends: [{ service: "checkout", weight: 0 }],
      }),
      rule({
        matches: [
          match({ headers: [{ name: "X-Canary", type: "Exact", value: "1" }] }),
          match({ queryParams: [{ name: "canary", type: "RegularExpression", value: "y(es)?" }] }),
        ],
        backends: V42,
        timeouts: { requestMs: 1000, backendRequestMs: 400 },
      }),
    ],
  });
}

function shop(): Route {
  return httpRoute({
    name: "shop",
    parents: [{ gateway: "edge", sectionName: "shop" }],
    hostnames: ["a.shop.example", "other.example"],
    rules: [
      rule({ matches: [match({ path: { type: "PathPrefix", value: "/a" } })], backends: V42 }),
    ],
  });
}

/** `/` is the one prefix that ends in a slash. */
function root(): Route {
  const path = { type: "ReplacePrefixMatch", value: "/v2" } as const;
  return httpRoute({
    name: "root",
    hostnames: ["root.example"],
    rules: [rule({ filters: [{ kind: "rewrite", path }], backends: V41 })],
  });
}

function filters(): Route {
  const at = (value: string, ...filters: RouteFilter[]) =>
    rule({
      matches: [match({ path: { type: "PathPrefix", value } })],
      filters,
      backends: filters.some(({ kind }) => kind === "redirect") ? [] : V41,
    });
  const edit = {
    set: [{ name: "x-set", value: "50%" }],
    add: [{ name: "x-add", value: "" }],
    remove: ["x-gone"],
  };
  const prefix = (value: string) => ({ type: "ReplacePrefixMatch", value }) as const;
  const full = (value: string) => ({ type: "ReplaceFullPath", value }) as const;
  return httpRoute({
    name: "filters",
    parents: [{ gateway: "edge", sectionName: "any" }],
    rules: [
      at("/headers", { kind: "requestHeaders", edit }, { kind: "responseHeaders", edit }),
      at("/strip", { kind: "rewrite", path: prefix("/") }),
      at("/swap.me", { kind: "rewrite", path: prefix("/to/"), hostname: "inner.example" }),
      at("/full", { kind: "rewrite", path: full("/a\\1") }),
      at("/go-https", { kind: "redirect", scheme: "https", statusCode: 301 }),
      at("/go-host", {
        kind: "redirect",
        hostname: "x.example",
        path: prefix("/"),
        statusCode: 302,
      }),
      at("/go-full", { kind: "redirect", path: full("/new"), port: 8443, statusCode: 308 }),
      at("/cors", {
        kind: "cors",
        allowOrigins: ["https://a.example", "https://*.b.example"],
        allowCredentials: true,
        allowMethods: ["GET", "PUT"],
        allowHeaders: ["x-a"],
        exposeHeaders: ["x-b"],
        maxAgeSeconds: 60,
      }),
      at("/mirror", {
        kind: "mirror",
        backend: { service: "checkout", version: "v42", weight: 1 },
        fraction: { numerator: 1, denominator: 1 },
      }),
      rule({
        matches: [match({ path: { type: "Exact", value: "/retry" } })],
        backends: V41,
        retry: { attempts: 2, on: ["501"], backoffMs: 5 },
      }),
      rule({
        matches: [match({ path: { type: "RegularExpression", value: "/re/[0-9]+" } })],
        backends: [
          { service: "checkout", weight: 9 },
          { service: "ledger", weight: 0 },
        ],
      }),
    ],
  });
}

interface Seen {
  readonly version: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

async function startBackend(version: string, seen: Seen[]): Promise<Server> {
  const server = createServer(({ url = "", headers }, response) => {
    if (url !== "/healthz") seen.push({ version, url, headers });
    if (url === "/retry") response.statusCode = 501;
    response.end(version);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("resources in a real Envoy", () => {
  const seen: Seen[] = [];
  let folder: string;
  let backends: Server[];
  let envoy: FileEnvoy;
  let port: number;

  before(async () => {
    folder = temporaryFolder();
    const filterWasm = join(folder, "filter.wasm");
    writeFileSync(filterWasm, stubWasm());
    backends = await Promise.all(["v41", "v42"].map((version) => startBackend(version, seen)));
    const [v41, v42] = backends.map((server) => (server.address() as AddressInfo).port);
    const set = intent({ v41: v41!, v42: v42! });
    envoy = await startEdge(set, { filterWasm });
    port = await envoy.port("edge_0");
  });

  after(async () => {
    await envoy?.stop();
    for (const server of backends) server.close();
  });

  async function ask(
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
  ) {
    seen.length = 0;
    const outgoing = request({ port, host: "127.0.0.1", path, ...options });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    const body = (await response.toArray()).join("");
    return { status: response.statusCode, headers: response.headers, body, seen: seen[0]! };
  }

  it("are all accepted, each subscription with 1 success and 0 rejections", async () => {
    const stats = await envoy.admin("/stats?filter=(update_rejected|update_success|config_fail)");

    for (const subscription of [
      "listener_manager.lds",
      "cluster_manager.cds",
      "http.edge_0.rds.edge_0",
      "extension_config_discovery.http_filter.qmesh.shedding",
      ...["checkout.v41", "checkout.v42", "checkout.v43", "ledger.v1"].map((n) => `cluster.${n}`),
    ]) {
      assert.ok(stats.includes(`${subscription}.update_success: 1\n`), stats);
      assert.ok(stats.includes(`${subscription}.update_rejected: 0\n`), stats);
    }
  });

  it("carry fields newer than the proto text: the filter's failure policy and its back-off", async () => {
    const dump = await envoy.admin("/config_dump?include_eds");

    assert.match(dump, /"failure_policy": "FAIL_RELOAD"/);
    assert.match(dump, /"base_interval": "0\.010s"/);
  });

  it("send the root to the version with all the weight, 20 of 20 times", async () => {
    for (let i = 0; i < 20; i++) assert.equal((await ask("/x")).body, "v41");
  });

  for (const [path, options, expected] of [
    ["/pay", {}, "v42"],
    ["/pay/now", {}, "v42"],
    ["//pay/./now", {}, "v42"],
    ["/payroll", {}, "v41"],
    ["/x", { headers: { "x-canary": "1" } }, "v42"],
    ["/x", { headers: { "x-canary": "2" } }, "v41"],
    ["/x?canary=yes", {}, "v42"],
    ["/x?canary=yess", {}, "v41"],
    ["/re/12", {}, "v41"],
    ["/a", { headers: { host: "a.shop.example:8000" } }, "v42"],
    ["/a", { headers: { host: "other.example" } }, "v41"],
  ] as const) {
    it(`route ${path} ${JSON.stringify(options)} to ${expected}`, async () => {
      const answer = await ask(path, options);

      assert.deepEqual([answer.status, answer.body], [200, expected]);
    });
  }

  for (const [path, options, status] of [
    ["/pay", { method: "DELETE" }, 500],
    ["/b", { headers: { host: "a.shop.example" } }, 404],
    ["/a", { headers: { host: "b.shop.example" } }, 404],
  ] as const) {
    it(`answer ${status} to ${path} ${JSON.stringify(options)}`, async () => {
      assert.equal((await ask(path, options)).status, status);
    });
  }

  it("set, add and remove headers on both sides, `%` and an empty value included", async () => {
    const { headers, seen } = await ask("/headers", { headers: { "x-set": "1", "x-gone": "1" } });

    for (const side of [headers, seen.headers]) {
      assert.deepEqual([side["x-set"], side["x-add"], side["x-gone"]], ["50%", "", undefined]);
    }
  });

  for (const [path, expected] of [
    ["/strip/a?q=1", "/a?q=1"],
    ["/strip", "/"],
    ["/strip/", "/"],
    ["/swap.me/a", "/to/a"],
    ["/swap.me", "/to"],
    ["/full/a/b?q=1", "/a\\1?q=1"],
  ] as const) {
    it(`rewrite ${path} to ${expected}`, async () => {
      assert.equal((await ask(path)).seen.url, expected);
    });
  }

  for (const [origin, allowed] of [
    ["https://a.example", "https://a.example"],
    ["https://x.b.example", "https://x.b.example"],
    ["https://x.y.b.example", "https://x.y.b.example"],
    ["https://b.example", undefined],
    ["https://x.b.example.evil", undefined],
    ["https://evil/x.b.example", undefined],
  ] as const) {
    it(`allow a page of ${origin} to call: ${allowed !== undefined}`, async () => {
      const preflight = { origin, "access-control-request-method": "PUT" };
      const { headers } = await ask("/cors", { method: "OPTIONS", headers: preflight });
      const answer = await ask("/cors", { headers: { origin } });

      assert.equal(headers["access-control-allow-origin"], allowed);
      assert.equal(answer.headers["access-control-allow-origin"], allowed);
      if (allowed === undefined) return;
      assert.equal(headers["access-control-allow-methods"], "GET, PUT");
      assert.equal(headers["access-control-allow-headers"], "x-a");
      assert.equal(headers["access-control-max-age"], "60");
      assert.equal(answer.headers["access-control-expose-headers"], "x-b");
      assert.equal(answer.headers["access-control-allow-credentials"], "true");
    });
  }

  it("retry as the rule says and not as the service: 3 requests, counted, reach a backend that answers 501", async () => {
    assert.equal((await ask("/retry")).status, 501);
    assert.deepEqual(
      seen.map(({ headers }) => headers["x-envoy-attempt-count"]),
      ["1", "2", "3"],
    );
  });

  it("rewrite / to /v2: /a becomes /v2/a", async () => {
    assert.equal((await ask("/a", { headers: { host: "root.example" } })).seen.url, "/v2/a");
  });

  it("rewrite the host", async () => {
    assert.equal((await ask("/swap.me")).seen.headers.host, "inner.example");
  });

  for (const [path, status, location] of [
    ["/go-https/a?q=1", 301, "https://s.example:443/go-https/a?q=1"],
    ["/go-host/a", 302, "http://x.example/a"],
    ["/go-full/a", 308, "http://s.example:8443/new"],
  ] as const) {
    it(`redirect ${path} with ${status} to ${location}`, async () => {
      const answer = await ask(path, { headers: { host: "s.example:8000" } });

      assert.deepEqual([answer.status, answer.headers.location], [status, location]);
    });
  }

  it("mirror a request to the other version", async () => {
    const mirrored = once(backends[1]!, "request");

    assert.equal((await ask("/mirror")).body, "v41");
    await mirrored;
  });
});
