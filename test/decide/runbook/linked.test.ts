import assert from "node:assert/strict";
import { incidentViews } from "../../../src/api/model/alerts.ts";
import { EMPTY_BOOK } from "../../../src/decide/alerts/alert.ts";
import { parseForUse } from "../../../src/policy/parse-for-use.ts";

const TEXT = `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: t}
spec: {endpoints: ["10.0.0.1:80"]}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: hook, owner: t}
spec: {type: webhook, url: "http://127.0.0.1:9/", secretFile: key, for: [t]}
---
apiVersion: quantum.mesh/v1
kind: Runbook
metadata: {name: pack, owner: t}
spec: {page: "https://wiki.example/pack", steps: [{webhook: {adapter: hook, path: /case}}]}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: watch, owner: t, class: reliability}
spec:
  mode: enforce
  scope: {service: shop}
  when: 'age("requests") > duration("30s")'
  then: [{notify: {page: t}}]
  evidence: {run: pack}
`;

describe("the Runbook of an incident", () => {
  const parsed = parseForUse([{ file: "a.yaml", text: TEXT }], (_, path) => ({
    ok: true,
    absolutePath: `/${path}`,
    text: "0123456789abcdef",
  }));
  const group = {
    ...{ id: "g", isStorm: false, services: ["shop"], decisions: [], severity: "page" as const },
    ...{ openedTick: 10, dueTick: 10, told: [] },
    sent: { tick: 10, severity: "page" as const, count: 1 },
  };
  const alert = {
    ...{ id: "a", key: "k", fingerprint: "f", severity: "page" as const, title: "t", targets: [] },
    ...{ value: 1, threshold: 1, windowSeconds: 60, sinceTick: 10, causes: [], group: "g" },
    ...{ state: "firing" as const, seenTick: 10, tried: [] },
  };
  const shown = (about: object) => {
    assert.ok(parsed.ok, JSON.stringify(parsed.problems));
    const book = { ...EMPTY_BOOK, groups: { g: group }, alerts: { a: { ...alert, ...about } } };
    const [incident] = incidentViews({ book, deliveries: [] }, parsed.value);
    return [incident?.runbook, incident?.runbooks];
  };

  it("is the one its Policy begins, or a Policy about the same service, with its page; else none", () => {
    const linked = ["https://wiki.example/pack", ["pack"]];
    assert.deepEqual(shown({ policy: "watch" }), linked);
    assert.deepEqual(shown({ service: "shop" }), linked);
    assert.deepEqual(shown({ service: "search" }), [undefined, []]);
  });
});
