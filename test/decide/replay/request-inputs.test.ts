import assert from "node:assert/strict";
import { Request } from "../../../src/core/request.ts";
import { isExempt, readInputs } from "../../../src/decide/replay/request-inputs.ts";
import type { TraceRequest } from "../../../src/decide/replay/trace.ts";
import { shedding } from "../../support/policy-set.ts";
import { traced } from "../../support/trace.ts";

const prefix = (value: string) => ({ headers: [], path: { type: "PathPrefix", value } }) as const;

const SHOP = shedding({
  tiers: [
    { name: "critical", matches: [prefix("/pay"), { headers: [{ name: "x-gold", value: "1" }] }] },
    { name: "default", matches: [] },
    { name: "rest", matches: [{ ...prefix("/"), headers: [{ name: "x-rest", value: "1" }] }] },
  ],
  unmatched: 1,
  exempt: [{ headers: [], path: { type: "Exact", value: "/healthz" } }],
  tenant: { header: "x-tenant", weights: { acme: 2 } },
});

function inputs(request: TraceRequest, index = 0): Request {
  const filled = new Request();
  readInputs(SHOP, request, { request: filled, index });
  return filled;
}

describe("what the law is told of a captured request", () => {
  for (const [path, headers, tier] of [
    ["/pay", {}, 0],
    ["/pay/now?x=1", {}, 0],
    ["/pay?x=/y", {}, 0],
    ["/payroll", {}, 1],
    ["/", { "x-gold": "1" }, 0],
    ["/", { "x-gold": "2" }, 1],
    ["/any/path", { "x-rest": "1" }, 2],
    ["/", { "x-qmesh-tier": "rest;17" }, 2],
    ["/", { "x-qmesh-tier": "none;17" }, 1],
    ["/", { "x-qmesh-tier": "rest;64" }, 1],
    ["/", { "x-qmesh-tier": "rest;07" }, 1],
  ] as const) {
    it(`${path} with ${JSON.stringify(headers)} is of tier ${tier}`, () => {
      assert.equal(inputs(traced({ path, headers })).tier, tier);
    });
  }

  it("takes cohort 17/64 from a stamp, and one of 64 from the request id, the same each time", () => {
    const byId = inputs(traced({ headers: { "x-request-id": "a3f1" } }), 1).cohort;

    assert.equal(inputs(traced({ headers: { "x-qmesh-tier": "rest;17" } })).cohort, 17 / 64);
    assert.equal(inputs(traced({ headers: { "x-request-id": "a3f1" } }), 2).cohort, byId);
    assert.ok(Number.isInteger(byId * 64) && byId >= 0 && byId < 1);
  });

  it("spreads 6400 requests without an id over all 64 cohorts, none with more than 200", () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 6400; i++) counts[inputs(traced(), i).cohort * 64]! += 1;

    assert.ok(
      counts.every((count) => count > 0 && count <= 200),
      counts.join(),
    );
  });

  for (const [headers, deadlineMs] of [
    [{}, 0],
    [{ "x-envoy-expected-rq-timeout-ms": "250" }, 250],
    [{ "grpc-timeout": "2S" }, 2000],
    [{ "grpc-timeout": "50m", "x-envoy-expected-rq-timeout-ms": "250" }, 50],
    [{ "grpc-timeout": "5x", "x-envoy-expected-rq-timeout-ms": "-1" }, 0],
  ] as const) {
    it(`reads ${JSON.stringify(headers)} as a deadline of ${deadlineMs} ms`, () => {
      assert.equal(inputs(traced({ headers: { ...headers } })).deadlineMs, deadlineMs);
    });
  }

  it("knows a retry, a tenant, its weight 2, and one tenant of weight 1 for all without the header", () => {
    const acme = inputs(traced({ headers: { "x-tenant": "acme", "x-envoy-attempt-count": "3" } }));
    const other = inputs(traced({ headers: { "x-tenant": "constructor" } }));
    const none = inputs(traced());

    assert.deepEqual([acme.attempt, acme.weight], [3, 2]);
    assert.deepEqual([other.attempt, other.weight], [1, 1]);
    assert.equal(none.weight, 1);
    assert.notEqual(none.tenant, 0);
    assert.equal(new Set([acme.tenant, other.tenant, none.tenant]).size, 3);
  });

  it("exempts /healthz with any query, and nothing below it", () => {
    assert.equal(isExempt(SHOP, traced({ path: "/healthz?full" })), true);
    assert.equal(isExempt(SHOP, traced({ path: "/healthz/x" })), false);
  });
});
