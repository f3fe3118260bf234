import assert from "node:assert/strict";
import type { RateLimit, RateLimitKey } from "../../src/policy/intent/rate-limit.ts";
import type { Route } from "../../src/policy/intent/route.ts";
import { Backend } from "../support/backend.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
import {
  httpRoute,
  loopbackGateway,
  match,
  oneVersion,
  policySet,
  rateLimit,
  rule,
  service,
} from "../support/policy-set.ts";

/** A token a day: none comes back during a test, so that every count is exact. */
const DAILY = { requests: 1, perMs: 86_400_000 };

const route = (name: string, ...paths: string[]): Route =>
  httpRoute({
    name,
    rules: paths.map((value) =>
      rule({ matches: [match({ path: { type: "PathPrefix", value } })] }),
    ),
  });

const limit = (name: string, burst: number, parts: Partial<RateLimit> = {}): RateLimit =>
  rateLimit({ name, rate: DAILY, burst, target: { kind: "route", name }, ...parts } as RateLimit);

const header = (name: string): RateLimitKey => ({ kind: "header", name });

const LIMITS = [
  limit("all", 5, { target: { kind: "gateway", name: "edge" } }),
  limit("twin", 3),
  limit("keys", 2, { per: [header("x-tenant"), header("x-user")] }),
  limit("address", 2, { per: [{ kind: "address" }] }),
  limit("off", 1, { mode: "off" }),
  limit("shadow", 1, { mode: "shadow" }),
  limit("both", 4),
  limit("both-each", 2, {
    target: { kind: "route", name: "both" },
    per: [header("x-tenant")],
  }),
  limit("both-shadow", 1, {
    target: { kind: "route", name: "both" },
    per: [header("x-user")],
    mode: "shadow",
  }),
  limit("ours", 2, { target: { kind: "service", name: "checkout" } }),
];

describe("local rate limits on a real Envoy", () => {
  let backend: Backend;
  let envoy: FileEnvoy;
  let origin: string;

  before(async () => {
    backend = await Backend.start("ok");
    const set = policySet({
      gateways: [loopbackGateway()],
      services: [
        service({ versions: oneVersion(backend.port) }),
        service({
          name: "other",
          versions: oneVersion(backend.port),
        }),
      ],
      httpRoutes: [
        route("twin", "/twin-a", "/twin-b"),
        route("keys", "/keys"),
        route("address", "/address"),
        route("off", "/off"),
        route("shadow", "/shadow"),
        route("both", "/both"),
        route("plain", "/plain"),
        httpRoute({
          name: "rest",
          rules: [rule({ backends: [{ service: "other", weight: 1 }] })],
        }),
      ],
      rateLimits: LIMITS,
    });
    envoy = await startEdge(set);
    origin = `http://127.0.0.1:${await envoy.port("edge_0")}`;
  });
  after(async () => {
    await envoy?.stop();
    backend?.stop();
  });

  async function send(count: number, path: string, headers: Record<string, string> = {}) {
    const statuses: number[] = [];
    for (let sent = 0; sent < count; sent++) {
      const response = await fetch(`${origin}${path}`, { headers });
      await response.text();
      statuses.push(response.status);
      if (response.status === 429)
        assert.equal(response.headers.get("x-envoy-ratelimited"), "true");
    }
    return statuses.filter((status) => status === 200).length;
  }

  async function stat(name: string): Promise<number> {
    return Number(/: (\d+)/.exec(await envoy.admin(`/stats?filter=^${name}$`))?.[1]);
  }

  it("passes 3 of 10 requests over two rules of one route: they share one bucket", async () => {
    assert.deepEqual([await send(2, "/twin-a"), await send(8, "/twin-b")], [2, 1]);
  });

  it("passes 2 of each pair of values, of all that lack one, and of those with an empty one", async () => {
    const passed = [];
    for (const headers of [
      { "x-tenant": "a", "x-user": "1" },
      { "x-tenant": "a", "x-user": "2" },
      { "x-tenant": "b", "x-user": "1" },
      { "x-tenant": "a" },
      { "x-user": "a" },
      { "x-tenant": "", "x-user": "" },
      {},
    ])
      passed.push(await send(4, "/keys", headers as Record<string, string>));

    assert.deepEqual(passed, [2, 2, 2, 2, 2, 2, 2]);
    assert.equal(await send(1, "/keys", { "x-tenant": "a", "x-user": "1" }), 0);
  });

  it("keeps 60 buckets of one limit apart, far above Envoy's default of 20", async () => {
    const users = Array.from({ length: 60 }, (_, index) => ({ "x-user": `u${index}` }));
    for (const user of users) assert.equal(await send(1, "/keys", user), 1);
    for (const user of users) assert.equal(await send(2, "/keys", user), 1);

    const dump = await envoy.admin("/config_dump?resource=ecds_filters");
    assert.match(dump, /"max_dynamic_descriptors": 10000/);
  });

  it("passes 2 of 5 of one address", async () => {
    assert.equal(await send(5, "/address"), 2);
  });

  it("passes 5 of 5 where mode off keeps the gateway's limit away", async () => {
    assert.equal(await send(5, "/off"), 5);
  });

  it("passes 6 of 6 in shadow and counts the 5 it would have refused", async () => {
    const counter = "qmesh_local_limit_shadow.http_local_rate_limit.rate_limited";
    const before = await stat(counter);

    assert.equal(await send(6, "/shadow"), 6);

    assert.equal((await stat(counter)) - before, 5);
  });

  it("holds the lower of two limits of one target while a third only counts", async () => {
    assert.equal(await send(3, "/both", { "x-tenant": "a", "x-user": "1" }), 2);
    assert.equal(await send(3, "/both", { "x-tenant": "b", "x-user": "1" }), 1);
  });

  it("passes 2 of 5 by the limit of the Service, and 5 of 9 by the gateway's where nothing is narrower", async () => {
    assert.equal(await send(5, "/plain"), 2);
    assert.equal(await send(9, "/else"), 5);
  });
});
