import assert from "node:assert/strict";
import { parseForUse } from "../../../src/policy/parse-for-use.ts";

const SERVICE = `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: t}
spec: {versions: {v1: {endpoints: ["10.0.0.1:80"]}, v2: {endpoints: ["10.0.0.2:80"]}}}
`;

const policy = (parts: string) => `${SERVICE}---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: p, owner: t, class: reliability}
spec:
  when: 'age("requests") > duration("30s")'
  verify: {signal: requests, improve: {below: 1}, sustained: 1m, within: 2m}
  revert: {ttl: 1h}
${parts}`;

const rollout = (parts: string) => `${SERVICE}---
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: shop, owner: t}
spec: {service: shop, versions: {stable: v1, canary: v2}, steps: [{weight: 5, for: 1m}, {weight: 100}]${parts}}
`;

/** An objective in slices of a minute, and a window left out of it. */
const sliced = (source: string, maintained = "shop") => {
  const metric = (count: string) =>
    source === "mesh"
      ? `{metricSource: {type: mesh, spec: {count: "${count}"}}}`
      : `{metricSource: {type: prometheus, spec: {query: up}}}`;
  return `${SERVICE}---
apiVersion: openslo/v1
kind: SLO
metadata: {name: s, annotations: {quantum.mesh/owner: t}}
spec:
  service: shop
  budgetingMethod: Timeslices
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 1m}]
  indicator: {spec: {ratioMetric: {counter: true, good: ${metric("code < 500")}, total: ${metric("true")}}}}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: prom, owner: t}
spec: {type: prometheus, url: "http://127.0.0.1:9090"}
---
apiVersion: quantum.mesh/v1
kind: Maintenance
metadata: {name: m, owner: t}
spec: {when: {cron: "0 2 * * 0", for: 1h}, scope: {service: ${maintained}}, sloExclude: true}
`;
};

/** Paths that are refused as not supported yet. */
function refused(text: string): readonly string[] {
  const parsed = parseForUse([{ file: "a.yaml", text }], () => ({ ok: false, why: "none" }));
  return parsed.problems.filter(({ code }) => code === "QM0011").map(({ path }) => path);
}

describe("what the language has and the engine does not carry out", () => {
  const then = "  then: [{weights: {service: shop, weights: {v1: 1, v2: 0}}}]\n";
  it("is 2 of an objective of another server's counters: its slices, and the seconds left out of it", () => {
    assert.deepEqual(
      refused(sliced("prometheus")),
      ["spec.sloExclude", "spec.budgetingMethod"].sort(),
    );
    assert.deepEqual(refused(sliced("prometheus", "other")), ["spec.budgetingMethod"]);
    assert.deepEqual(refused(sliced("mesh")), []);
  });

  it("is 0 for a rollout and a policy of what it does", () => {
    assert.deepEqual(refused(policy(then)), []);
    assert.deepEqual(refused(rollout("")), []);
  });
});
