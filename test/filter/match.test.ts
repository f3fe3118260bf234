import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, type JsonObject, scope } from "../support/wasm-host/filter-config.ts";
import type { Headers } from "../support/wasm-host/pairs.ts";

/** The tier a request is shed as, or "" if it passes. */
function tierOf(scopeFields: JsonObject, headers: Headers): string {
  const envoy = new FakeEnvoy(config(scope(scopeFields)));
  envoy.overload();
  if (envoy.serve({ headers })) return "";
  const shed = envoy.metrics
    .names()
    .filter((name) => name.endsWith(".shed") && envoy.metrics.value(name) > 0);
  return shed.map((name) => name.split(".")[3]).join();
}

function tiers(...matches: readonly JsonObject[]): JsonObject {
  const named = matches.map((match, i) => ({ name: `t${i}`, matches: [match] }));
  return { tiers: [...named, { name: "rest" }], unmatched: matches.length };
}

const path = (type: string, value: string): JsonObject => ({ path: { type, value } });
const header = (name: string, value: string): JsonObject => ({ headers: [{ name, value }] });

describe("filter match", () => {
  it("takes the first of two tiers that both match", () => {
    const both = tiers(header("x-a", "1"), header("x-a", "1"));
    assert.equal(tierOf(both, [["x-a", "1"]]), "t0");
  });

  it("takes `unmatched` where the header is missing, longer, shorter or in other case", () => {
    const one = tiers(header("x-a", "gold"));
    for (const headers of [
      [],
      [["x-a", "goldX"]],
      [["x-a", "gol"]],
      [["x-a", "Gold"]],
      [["x-b", "gold"]],
    ]) {
      assert.equal(tierOf(one, headers as unknown as Headers), "rest");
    }
    assert.equal(tierOf(one, [["x-a", "gold"]]), "t0");
  });

  it("asks for all headers and the path of a match", () => {
    const all = tiers({
      headers: [
        { name: "x-a", value: "1" },
        { name: "x-b", value: "2" },
      ],
      path: { type: "EXACT", value: "/pay" },
    });
    const a = ["x-a", "1"] as const;
    const b = ["x-b", "2"] as const;

    assert.equal(tierOf(all, [a, b, [":path", "/pay"]]), "t0");
    assert.equal(tierOf(all, [a, [":path", "/pay"]]), "rest");
    assert.equal(tierOf(all, [a, b, [":path", "/other"]]), "rest");
  });

  it("holds a header that is there with an empty value, not one that is absent", () => {
    const empty = tiers({
      headers: [
        { name: "x-a", value: "" },
        { name: "x-b", value: "1" },
      ],
    });
    assert.equal(
      tierOf(empty, [
        ["x-a", ""],
        ["x-b", "1"],
      ]),
      "t0",
    );
    assert.equal(tierOf(empty, [["x-b", "1"]]), "rest");
  });

  const cases: readonly (readonly [type: string, value: string, path: string, holds: boolean])[] = [
    ["PREFIX", "/pay", "/pay", true],
    ["PREFIX", "/pay", "/pay/x", true],
    ["PREFIX", "/pay", "/pay?x=1", true],
    ["PREFIX", "/pay", "/payroll", false],
    ["PREFIX", "/pay", "/pa", false],
    ["PREFIX", "/pay/", "/pay", true],
    ["PREFIX", "/pay/", "/pay/x", true],
    ["PREFIX", "/", "/anything", true],
    ["PREFIX", "/", "/", true],
    ["EXACT", "/pay", "/pay", true],
    ["EXACT", "/pay", "/pay?x=/pay", true],
    ["EXACT", "/pay", "/pay/", false],
    ["EXACT", "/pay", "/payroll", false],
    ["EXACT", "/", "/", true],
    ["EXACT", "/", "/x", false],
  ];
  for (const [type, value, requested, holds] of cases) {
    it(`${type} ${value} ${holds ? "holds" : "does not hold"} ${requested}`, () => {
      const expected = holds ? "t0" : "rest";
      assert.equal(tierOf(tiers(path(type, value)), [[":path", requested]]), expected);
      const withHeader = tiers(path(type, value), header("x-a", "1"));
      assert.equal(
        tierOf(withHeader, [
          [":method", "GET"],
          [":path", requested],
        ]),
        expected,
      );
    });
  }

  it("counts the first of a repeated header on both ways of reading", () => {
    const twice: Headers = [
      ["x-a", "1"],
      ["x-a", "2"],
    ];
    assert.equal(tierOf(tiers(header("x-a", "1")), twice), "t0");
    assert.equal(tierOf(tiers(header("x-a", "2")), twice), "rest");
    assert.equal(tierOf(tiers(header("x-a", "1"), header("x-b", "1")), twice), "t0");
    assert.equal(tierOf(tiers(header("x-a", "2"), header("x-b", "1")), twice), "rest");
  });

  it("passes an exempt request uncounted, before any tier", () => {
    const envoy = new FakeEnvoy(config(scope({ exempt: [path("EXACT", "/healthz")] })));
    envoy.overload();

    assert.equal(
      envoy.serve({
        headers: [
          [":path", "/healthz"],
          ["x-criticality", "x"],
        ],
      }),
      true,
    );
    assert.equal(envoy.value("shop.completed"), 0);
    assert.equal(envoy.serve({ headers: [[":path", "/other"]] }), false);
  });
});

describe("filter scope", () => {
  const shop = scope({ clusters: ["shop-v1", "shop-v2"] });
  const pay = scope({ name: "pay", routes: ["pay-route"] });
  const rest = scope({ name: "rest" });

  function served(properties: Record<string, string>): string {
    const envoy = new FakeEnvoy(config(shop, pay, rest));
    envoy.serve({ properties });
    return ["shop", "pay", "rest"].filter((name) => envoy.value(`${name}.completed`) === 1).join();
  }

  it("holds a request by cluster, by route, or by neither", () => {
    assert.equal(served({ "xds.cluster_name": "shop-v2" }), "shop");
    assert.equal(served({ "xds.cluster_name": "x", "xds.route_name": "pay-route" }), "pay");
    assert.equal(served({ "xds.cluster_name": "shop", "xds.route_name": "pay" }), "rest");
    assert.equal(served({}), "rest");
  });

  it("passes uncounted what no scope holds", () => {
    const envoy = new FakeEnvoy(config(shop));
    envoy.overload();
    assert.equal(envoy.serve({ properties: { "xds.cluster_name": "other" } }), true);
    assert.equal(envoy.value("shop.completed"), 0);
  });

  it("reads cluster and route once each however many scopes ask, and neither for one scope", () => {
    const none = { tiers: [{ name: "only" }], unmatched: 0 };
    const many = Array.from({ length: 30 }, (_, i) =>
      scope({ ...none, name: `s${i}`, clusters: [`c${i}`], routes: [`r${i}`] }),
    );
    const envoy = new FakeEnvoy(config(...many));
    envoy.worker.resetCalls();
    envoy.serve({ properties: { "xds.cluster_name": "c29" } });
    // Cluster, route and headers.
    assert.equal(envoy.worker.calls.data, 3);
    assert.equal(envoy.value("s29.completed"), 1);

    const one = new FakeEnvoy(config(scope(none)));
    one.worker.resetCalls();
    one.serve();
    assert.equal(one.worker.calls.data, 1);
  });
});
