import assert from "node:assert/strict";
import type { RateLimit, RateLimitKey } from "../../src/policy/intent/rate-limit.ts";
import { buildLocalRateLimits } from "../../src/resources/local-rate-limit.ts";
import { limitsOf, rateLimitJson } from "../../src/resources/rate-limit.ts";
import { rateLimit, rule } from "../support/policy-set.ts";

const to = (kind: "gateway" | "route" | "service", name: string, parts: Partial<RateLimit> = {}) =>
  rateLimit({ name: `${kind}-${name}`, target: { kind, name }, ...parts } as Partial<RateLimit>);

const EDGE = to("gateway", "edge");
const ROUTE = to("route", "pay");
const SERVICE = to("service", "checkout");

function held(limits: readonly RateLimit[], route = "pay", services = ["checkout"]): string[] {
  const backends = services.map((service) => ({ service, weight: 1 }));
  const site = { gateway: "edge", route, rule: rule({ backends }) };
  return limitsOf(limits, site).map(({ name }) => name);
}

describe("which RateLimits hold a rule", () => {
  it("are those of its route, else of its one Service, else of its gateway", () => {
    assert.deepEqual(held([EDGE, ROUTE, SERVICE]), ["route-pay"]);
    assert.deepEqual(held([EDGE, ROUTE, SERVICE], "other"), ["service-checkout"]);
    assert.deepEqual(held([EDGE, ROUTE, SERVICE], "other", ["cart"]), ["gateway-edge"]);
    assert.deepEqual(held([ROUTE, SERVICE], "other", ["cart"]), []);
  });

  it("are none where the narrowest is off, and the gateway's where 2 Services share the rule", () => {
    assert.deepEqual(held([EDGE, to("route", "pay", { mode: "off" })]), []);
    assert.deepEqual(held([EDGE, SERVICE], "other", ["cart", "checkout"]), ["gateway-edge"]);
  });

  it("are both of 2 with one target, by name", () => {
    const other = { ...ROUTE, name: "a" };

    assert.deepEqual(held([ROUTE, other]), ["a", "route-pay"]);
  });
});

describe("the stage a RateLimit has in Envoy", () => {
  const where = {
    local: { scope: "local" },
    allow: { scope: "global", onUnavailable: "allow" },
    deny: { scope: "global", onUnavailable: "deny" },
    standIn: { scope: "global", onUnavailable: "local" },
  } as const;

  for (const [kind, mode, stages] of [
    ["local", "enforce", [1]],
    ["local", "shadow", [0]],
    ["allow", "enforce", [2]],
    ["deny", "enforce", [3]],
    ["standIn", "enforce", [1, 2]],
    ["deny", "shadow", [2]],
    ["standIn", "shadow", [2]],
  ] as const) {
    it(`is ${stages.join(" and ")} for ${kind} in mode ${mode}`, () => {
      const limit = rateLimit({ ...where[kind], mode });
      const { rate_limits } = rateLimitJson([limit]) as { rate_limits: { stage: number }[] };

      assert.deepEqual(
        rate_limits.map(({ stage }) => stage),
        stages,
      );
    });
  }
});

describe("the local buckets of a RateLimit", () => {
  const header = (name: string): RateLimitKey => ({ kind: "header", name });

  function rows(limit: RateLimit): string[] {
    const [, enforcing] = buildLocalRateLimits([limit]);
    assert.ok(enforcing);
    const { typed_config } = enforcing.body as unknown as {
      typed_config: { descriptors: { entries: { key: string; value?: string }[] }[] };
    };
    return typed_config.descriptors.map(({ entries }) =>
      entries.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)).join(" "),
    );
  }

  it("have a row for each set of headers a request may lack: 4 for 2 headers and an address", () => {
    const limit = rateLimit({ per: [header("x-a"), { kind: "address" }, header("x-b")] });

    assert.deepEqual(rows(limit), [
      "qmesh_limit=checkout header_x-a remote_address header_x-b",
      "qmesh_limit=checkout header_x-a remote_address",
      "qmesh_limit=checkout remote_address header_x-b",
      "qmesh_limit=checkout remote_address",
    ]);
  });

  it("are none for one in shadow, which stands in the filter that only counts", () => {
    assert.deepEqual(rows(rateLimit({ mode: "shadow" })), []);
  });
});
