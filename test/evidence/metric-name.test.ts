import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLUSTER_WORDS,
  FILTER_WORDS,
  isWorthParsing,
  parseMetricName,
  SCOPE_WORDS,
  TIER_WORDS,
} from "../../src/evidence/metric-name.ts";

const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/),
  fc.constantFrom("filter", "tier", "limit", "a".repeat(63)),
);

describe("metric name", () => {
  it("gives back scope, tier and word of any name the filter can build, `filter` and `tier` as names too", () => {
    fc.assert(
      fc.property(
        label,
        label,
        fc.constantFrom(...SCOPE_WORDS),
        fc.constantFrom(...TIER_WORDS),
        (scope, tier, scopeWord, tierWord) => {
          assert.deepEqual(parseMetricName(`wasmcustom.qmesh.${scope}.${scopeWord}`), {
            kind: "scope",
            scope,
            what: scopeWord,
          });
          assert.deepEqual(parseMetricName(`wasmcustom.qmesh.${scope}.tier.${tier}.${tierWord}`), {
            kind: "tier",
            scope,
            tier,
            what: tierWord,
          });
        },
      ),
    );
  });

  it("tells the filter's own counters from a scope called filter", () => {
    for (const what of FILTER_WORDS)
      assert.deepEqual(parseMetricName(`wasmcustom.qmesh.filter.${what}`), {
        kind: "filter",
        what,
      });
    assert.equal(parseMetricName("wasmcustom.qmesh.filter.limit")?.kind, "scope");
  });

  for (const cluster of ["shop", "checkout.v1", "a.b.c.upstream_rq_total", "outbound|80||x.svc"]) {
    it(`keeps the dots of the cluster name ${cluster}`, () => {
      for (const what of CLUSTER_WORDS)
        assert.deepEqual(parseMetricName(`cluster.${cluster}.${what}`), {
          kind: "cluster",
          cluster,
          what,
        });
    });
  }

  for (const name of [
    "",
    "cluster.upstream_rq_total",
    "cluster..upstream_rq_total",
    "cluster.shop.upstream_rq_200",
    "cluster.shop.xupstream_rq_total",
    "http.edge.downstream_rq_total",
    "wasmcustom.qmesh.shop",
    "wasmcustom.qmesh.shop.census.0",
    "wasmcustom.qmesh.Shop.limit",
    "wasmcustom.qmesh.a.b.limit",
    "wasmcustom.qmesh.-a.limit",
    `wasmcustom.qmesh.${"a".repeat(64)}.limit`,
    `cluster.${"a".repeat(300)}.upstream_rq_total`,
    "wasmcustom.qmesh.shop.tier..shed",
    "wasmcustom.qmesh.shop.tier.a.b.shed",
  ]) {
    it(`is no evidence: ${JSON.stringify(name.slice(0, 60))}`, () => {
      assert.equal(parseMetricName(name), undefined);
    });
  }

  it("never drops in its cheap check what the full one takes, and nearly all else", () => {
    fc.assert(
      fc.property(fc.string(), label, fc.constantFrom(...CLUSTER_WORDS), (text, name, word) => {
        for (const each of [text, `cluster.${text}.${word}`, `wasmcustom.qmesh.${name}.limit`])
          assert.ok(parseMetricName(each) === undefined || isWorth(each), each);
      }),
    );
    for (const name of [
      "",
      "c",
      "cluster.shop.upstream_rq_200",
      "server.live",
      "upstream_rq_total",
    ])
      assert.equal(isWorth(name), false, name);
  });

  it("looks only at the name it is given, not at the bytes around it", () => {
    const bytes = Buffer.from("cluster.shop.upstream_rq_total");

    assert.equal(isWorthParsing(bytes, 0, bytes.length - 1), false);
    assert.equal(isWorthParsing(bytes, 1, bytes.length), false);
  });
});

function isWorth(name: string): boolean {
  const bytes = Buffer.from(name);
  return isWorthParsing(bytes, 0, bytes.length);
}
