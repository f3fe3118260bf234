import assert from "node:assert/strict";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { buildResources } from "../../src/resources/build.ts";
import { checkReferences } from "../../src/resources/references.ts";
import { httpRoute, match, policySet, rule, service, shedding } from "../support/policy-set.ts";

function build(parts: Partial<PolicySet>): unknown {
  const set = policySet({ services: [service()], httpRoutes: [httpRoute()], ...parts });
  return buildResources(set, { role: "gateway", name: "edge" }, { filterWasm: "/f.wasm" });
}

function withRule(parts: Parameters<typeof rule>[0]): Partial<PolicySet> {
  return { httpRoutes: [httpRoute({ rules: [rule(parts)] })] };
}

describe("buildResources refuses what policy should have refused:", () => {
  const manySheddings = Array.from({ length: 33 }, (_, i) => shedding({ name: `s${i}` }));
  const parents = (sectionName?: string) =>
    httpRoute({ parents: [sectionName ? { gateway: "edge", sectionName } : { gateway: "none" }] });

  it("a filter configuration above 65536 bytes, with its size", () => {
    const value = "x".repeat(200);
    const matches = Array.from({ length: 16 }, () => ({
      headers: Array.from({ length: 8 }, (_, i) => ({ name: `x-${i}`, value })),
    }));
    const tiers = Array.from({ length: 8 }, (_, i) => ({ name: `t${i}`, matches }));

    assert.throws(() => build({ sheddings: [shedding({ tiers })] }), /take \d{6} bytes .* 65536/);
  });

  for (const [what, parts, message] of [
    [
      "a backend without its service",
      withRule({ backends: [{ service: "none", weight: 1 }] }),
      "invariant: no service none",
    ],
    [
      "a backend without its version",
      withRule({ backends: [{ service: "checkout", version: "v9", weight: 1 }] }),
      "invariant: service checkout has no version v9",
    ],
    [
      "a mirror without its service",
      withRule({
        filters: [
          {
            kind: "mirror",
            backend: { service: "none", weight: 1 },
            fraction: { numerator: 1, denominator: 1 },
          },
        ],
      }),
      "invariant: no service none",
    ],
    [
      "a route without its gateway",
      { httpRoutes: [parents()] },
      "invariant: no gateway none for checkout",
    ],
    [
      "a route without its listener",
      { httpRoutes: [parents("tls")] },
      "invariant: gateway edge has no listener tls for checkout",
    ],
    [
      "a Shedding without its target",
      { sheddings: [shedding({ target: { kind: "route", name: "none" } })] },
      "invariant: checkout is for route none, which is not there",
    ],
    [
      "33 Sheddings on one gateway",
      { sheddings: manySheddings },
      "invariant: gateway/edge has 33 Sheddings, at most 32",
    ],
    [
      "a prefix to replace where there is none",
      withRule({
        matches: [match({ path: { type: "Exact", value: "/a" } })],
        filters: [{ kind: "rewrite", path: { type: "ReplacePrefixMatch", value: "/b" } }],
      }),
      "invariant: ReplacePrefixMatch on a path of type Exact",
    ],
  ] as const) {
    it(what, () => {
      assert.throws(() => build(parts), { message });
    });
  }
});

describe("checkReferences", () => {
  const cluster = { typeUrl: CLUSTER_TYPE, name: "a.v1", body: {} };

  it("refuses a cluster without its assignment", () => {
    assert.throws(() => checkReferences([cluster]), /a\.v1 names .*ClusterLoadAssignment a\.v1/);
  });

  it("refuses 2 resources of one type and name", () => {
    assert.throws(() => checkReferences([cluster, cluster]), /two resources .*Cluster a\.v1/);
  });
});
