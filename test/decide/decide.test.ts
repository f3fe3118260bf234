import assert from "node:assert/strict";
import fc from "fast-check";
import { decide, explain } from "../../src/decide/decide.ts";
import type { NodeEvidence, SignalState } from "../../src/evidence/snapshot.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { httpRoute, policySet, rule, service, shedding } from "../support/policy-set.ts";
import { nodeEvidence, scopeEvidence } from "./evidence.ts";

const INTENT = policySet({
  httpRoutes: [httpRoute()],
  services: [service()],
  sheddings: [shedding({ name: "checkout", limit: { min: 4, max: 1000, initial: 16 } })],
});

function judge(node: NodeEvidence) {
  const [decision, ...more] = decide(INTENT, { nowMs: 9000, nodes: [node] }, 9);
  assert.deepEqual(more, []);
  assert.ok(decision);
  return decision;
}

const busy = (parts: Parameters<typeof scopeEvidence>[0]) =>
  nodeEvidence({ scopes: [scopeEvidence({ inflight: 3, ...parts })] });

describe("decide", () => {
  for (const [state, reason, node] of [
    [
      "healthy",
      "120 requests/s, none shed, 3 in flight of a limit of 16",
      busy({ admittedRps: 120 }),
    ],
    [
      "saturated",
      "480 of 600 requests/s were shed at a limit of 16",
      busy({ admittedRps: 120, shedRps: 480 }),
    ],
    [
      "saturated",
      "2 of 100 requests/s were shed at a limit of 16",
      busy({ admittedRps: 98, shedRps: 2 }),
    ],
    [
      "healthy",
      "only 1.9 of 100 requests/s were shed, 3 in flight of a limit of 16",
      busy({ admittedRps: 98.1, shedRps: 1.9 }),
    ],
    [
      "saturated",
      "20 of 120 requests/s would have been shed at a limit of 16",
      busy({ admittedRps: 120, wouldShedRps: 20 }),
    ],
    [
      "saturated",
      "all 16 requests of the limit are in flight",
      busy({ admittedRps: 8, inflight: 16 }),
    ],
    [
      "failing",
      "7.5 requests/s ended without an answer, 2 with one",
      busy({ admittedRps: 9.5, shedRps: 100, completedRps: 2, lostRps: 7.5 }),
    ],
    ["idle", "no request in the last 5 s", nodeEvidence()],
    ["idle", "no request in the last 5 s", nodeEvidence({ scopes: [] })],
    [
      "late",
      "the last report is 3.2 s old",
      { ...busy({ shedRps: 9 }), state: "late", ageMs: 3210 },
    ],
    [
      "blind",
      "no report for 61 s",
      { ...busy({ admittedRps: 100 }), state: "blind", ageMs: 61_000 },
    ],
    [
      "blind",
      "no report yet, 0.6 s after it connected",
      nodeEvidence({ hasReported: false, state: "blind", scopes: [], windowMs: 0, ageMs: 600 }),
    ],
    [
      "blind",
      "one report so far, no rate is known",
      { ...busy({ admittedRps: 0 }), windowMs: 0, ageMs: 0 },
    ],
    [
      "blind",
      "Envoy reports, but its filter does not",
      nodeEvidence({
        scopes: [],
        filter: { isHeard: false, internalErrors: 0, untracked: 0, isLocal: false },
      }),
    ],
  ] as const) {
    it(`is ${state}: ${reason}`, () => {
      const decision = judge(node);

      assert.deepEqual([decision.state, decision.reason], [state, reason]);
      assert.deepEqual(decision.bounds, { min: 4, max: 1000, initial: 16 });
      assert.equal(decision.tick, 9);
    });
  }

  it("carries the numbers it judged by", () => {
    const scope = scopeEvidence({ admittedRps: 120, inflight: 3 });

    const { evidence } = judge(nodeEvidence({ scopes: [scope] }));

    assert.deepEqual(evidence, { ageMs: 300, windowMs: 5000, scope });
  });

  it("decides nothing for a Shedding of mode off, nor for one of another gateway", () => {
    const intent = policySet({
      httpRoutes: [httpRoute()],
      services: [service(), service({ name: "other" })],
      sheddings: [
        shedding({ name: "a", mode: "off" }),
        shedding({ name: "b", target: { kind: "gateway", name: "inner" } }),
        shedding({ name: "c", target: { kind: "service", name: "other" } }),
        shedding({ name: "d", target: { kind: "route", name: "checkout" } }),
        shedding({ name: "e", target: { kind: "gateway", name: "edge" } }),
      ],
    });

    const decisions = decide(intent, { nowMs: 0, nodes: [nodeEvidence()] }, 0);

    assert.deepEqual(
      decisions.map(({ scope }) => scope),
      ["d", "e"],
    );
  });

  it("counts a service that is only mirrored to among those of the gateway", () => {
    const backend = { service: "audit", weight: 1 };
    const mirror = { kind: "mirror", backend, fraction: { numerator: 1, denominator: 1 } } as const;
    const intent = policySet({
      httpRoutes: [httpRoute({ rules: [rule({ filters: [mirror] })] })],
      services: [service(), service({ name: "audit" })],
      sheddings: [shedding({ name: "audit", target: { kind: "service", name: "audit" } })],
    });

    assert.equal(decide(intent, { nowMs: 0, nodes: [nodeEvidence()] }, 0).length, 1);
  });

  it("goes by the scopes a node reports while it has not said its role", () => {
    const { role: _, ...unknown } = nodeEvidence({
      scopes: [scopeEvidence(), scopeEvidence({ scope: "gone" })],
    });

    assert.deepEqual(
      decide(INTENT, { nowMs: 0, nodes: [unknown] }, 0).map(({ scope }) => scope),
      ["checkout"],
    );
  });

  it("is pure: frozen input, equal output, whatever the order of nodes and documents", () => {
    fc.assert(
      fc.property(evidence, intents, fc.nat(), fc.nat(), (nodes, intent, tick, seed) => {
        const once = decide(deepFreeze(intent), deepFreeze({ nowMs: 0, nodes }), tick);
        const shuffled = {
          ...intent,
          sheddings: rotate(intent.sheddings, seed),
          httpRoutes: rotate(intent.httpRoutes, seed),
        };

        const again = decide(shuffled, { nowMs: 0, nodes: rotate(nodes, seed) }, tick);

        assert.deepEqual(again, once);
        assert.deepEqual(JSON.parse(JSON.stringify(once)), once);
      }),
    );
  });

  it("is bounded: one decision at most a node and scope, 1 <= min <= initial <= max, as the intent has them", () => {
    fc.assert(
      fc.property(evidence, intents, (nodes, intent) => {
        const decisions = decide(intent, { nowMs: 0, nodes }, 0);
        const keys = decisions.map(({ node, scope }) => `${node}/${scope}`);
        assert.equal(new Set(keys).size, keys.length);
        assert.ok(decisions.length <= nodes.length * intent.sheddings.length);
        for (const { scope, bounds } of decisions) {
          const { limit } = intent.sheddings.find(({ name }) => name === scope)!;
          assert.deepEqual(bounds, limit);
          assert.ok(
            1 <= bounds.min && bounds.min <= bounds.initial && bounds.initial <= bounds.max,
          );
        }
      }),
    );
  });

  it("never calls a silent node healthy, idle, saturated or failing, whatever its last numbers were", () => {
    fc.assert(
      fc.property(evidence, intents, (nodes, intent) => {
        for (const decision of decide(intent, { nowMs: 0, nodes }, 0)) {
          const node = nodes.find((each) => each.node === decision.node)!;
          if (node.state !== "ok") assert.equal(decision.state, node.state);
        }
      }),
    );
  });

  it("explains every decision in whole sentences that name node, scope and state, under 300 characters", () => {
    fc.assert(
      fc.property(evidence, intents, (nodes, intent) => {
        for (const decision of decide(intent, { nowMs: 0, nodes }, 0)) {
          const text = explain(decision);
          assert.ok(
            text.startsWith(
              `Shedding ${decision.scope} on ${decision.node} is ${decision.state}: ${decision.reason}.`,
            ),
          );
          assert.ok(text.length < 300, text);
          assert.doesNotMatch(text, /undefined|NaN|\[object|\de[+-]\d/);
        }
      }),
    );
  });
});

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }));
const scope = fc
  .record({
    scope: fc.constantFrom("checkout", "cart", "gone"),
    inflight: fc.nat(1000),
    limit: fc.nat(1000),
    admittedRps: rate,
    shedRps: rate,
    wouldShedRps: rate,
    completedRps: rate,
    lostRps: rate,
  })
  .map(scopeEvidence);

const evidence = fc.uniqueArray(
  fc
    .record({
      node: fc.constantFrom("edge-1", "edge-2", "edge-3"),
      role: fc.constantFrom("gateway/edge", "gateway/inner", "sidecar/checkout"),
      state: fc.constantFrom<SignalState>("ok", "late", "blind"),
      ageMs: fc.nat(900_000),
      windowMs: fc.nat(60_000),
      scopes: fc.uniqueArray(scope, { selector: (each) => each.scope, maxLength: 3 }),
    })
    .map(nodeEvidence),
  { selector: ({ node }) => node, maxLength: 3 },
);

const limit = fc
  .tuple(
    fc.integer({ min: 1, max: 1e5 }),
    fc.integer({ min: 1, max: 1e5 }),
    fc.integer({ min: 1, max: 1e5 }),
  )
  .map((three) => three.sort((a, b) => a - b))
  .map(([min = 1, initial = 1, max = 1]) => ({ min, initial, max }));

const intents: fc.Arbitrary<PolicySet> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom("checkout", "cart", "other"),
      mode: fc.constantFrom("off" as const, "shadow" as const, "enforce" as const),
      target: fc.constantFrom(
        { kind: "gateway" as const, name: "edge" },
        { kind: "service" as const, name: "checkout" },
        { kind: "route" as const, name: "checkout" },
      ),
      limit,
    }),
    { selector: ({ name }) => name },
  )
  .map((parts) =>
    policySet({
      httpRoutes: [httpRoute(), httpRoute({ name: "second", parents: [{ gateway: "inner" }] })],
      services: [service()],
      sheddings: parts.map(shedding),
    }),
  );

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)].reverse();
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
