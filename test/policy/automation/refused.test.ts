import assert from "node:assert/strict";
import { parseForUse } from "../../../src/policy/parse-for-use.ts";

const policy = ({
  owner = "owner: t",
  when = 'rate("requests", "1m") > 100.0',
  actions = "[{timeout: {service: shop, timeout: 500ms}}]",
  revert = "{ttl: 1h}",
} = {}) => `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: t}
spec: {endpoints: ["10.0.0.1:80"]}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: prom, owner: t}
spec: {type: prometheus, url: "http://127.0.0.1:9090", queries: [{signal: db.latency, query: up}]}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: p, class: reliability, ${owner}}
spec:
  mode: enforce
  when: '${when}'
  then: ${actions}
  verify: {signal: db.latency, improve: {below: 1}, sustained: 1m, within: 2m}
  ${revert === "" ? "" : `revert: ${revert}`}
`;
const guardrail = (forbid: string) => `---
apiVersion: quantum.mesh/v1
kind: Guardrail
metadata: {name: never, owner: t}
spec: {forbid: ['${forbid}']}
`;
const rollout = `---
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: r, owner: t}
spec: {service: shop2, versions: {stable: v1, canary: v2}, steps: [{weight: 60, for: 1m}, {weight: 100}]}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop2, owner: t}
spec: {versions: {v1: {endpoints: ["10.0.0.1:80"]}, v2: {endpoints: ["10.0.0.2:80"]}}}
`;

/** Codes of the errors that keep a set from loading. */
function codes(text: string): readonly string[] {
  const parsed = parseForUse([{ file: "a.yaml", text }], () => ({ ok: false, why: "none" }));
  const errors = parsed.problems.filter(({ severity }) => severity === "error");
  assert.equal(parsed.ok, errors.length === 0);
  return [...new Set(errors.map(({ code }) => code))];
}

describe("a Policy that could do no good", () => {
  const cases: readonly [string, string, string][] = [
    ["that can never fire", policy({ when: 'pAbove("db.latency", 1.0, "1m") > 1.5' }), "QM0224"],
    [
      "that contradicts a Guardrail, as a Rollout",
      policy() + rollout + guardrail("canary.weight > 50"),
      "QM0228",
    ],
    ["that a Guardrail forbids always", policy() + guardrail("canary.weight >= 0"), "QM0224"],
    ["without an owner", policy({ owner: "" }), "QM0117"],
    ["without a way back", policy({ revert: "" }), "QM0125"],
    [
      "that denies without an end",
      policy({ actions: '[{deny: {cidr: "10.0.0.0/24"}}]', revert: "{onHarm: immediate}" }),
      "QM0126",
    ],
    [
      "as an Override without an end",
      `${policy()}---
apiVersion: quantum.mesh/v1
kind: Override
metadata: {name: o, by: ann}
spec: {set: {policy.p.mode: "off"}, reason: fire}
`,
      "QM0126",
    ],
  ];
  for (const [what, text, code] of cases) {
    it(`is refused ${what}: ${code}`, () => {
      assert.deepEqual(codes(text), [code]);
    });
  }

  it("loads once none of that is so", () => {
    assert.deepEqual(codes(policy()), []);
  });
});
