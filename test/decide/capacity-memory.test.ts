import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CapacityMemory,
  isWorthPushing,
  NO_MEMORY,
  remember,
  type ScopeMemory,
} from "../../src/decide/capacity-memory.ts";
import type { NodeEvidence, ScopeEvidence } from "../../src/evidence/snapshot.ts";
import { nodeEvidence, scopeEvidence } from "./evidence.ts";

const SCOPES = ["checkout"];
const KNOWN: CapacityMemory = new Map([["checkout", { limit: 40, baselineMs: 20 }]]);

/** An Envoy that answers 100 requests a second with this limit. */
function envoy(limit: number, parts: Partial<ScopeEvidence> = {}): NodeEvidence {
  const scope = scopeEvidence({ limit, baselineMs: 25, completedRps: 100, ...parts });
  return nodeEvidence({ node: `edge-${limit}`, scopes: [scope] });
}

const limitOf = (nodes: readonly NodeEvidence[]) =>
  remember(KNOWN, SCOPES, nodes).get("checkout")?.limit;

describe("remember", () => {
  it("takes limit 64 and baseline 25 ms from an Envoy in time that answers", () => {
    const memory = remember(KNOWN, SCOPES, [envoy(64)]);

    assert.deepEqual([...memory], [["checkout", { limit: 64, baselineMs: 25 }]]);
  });

  for (const [why, node] of [
    ["is blind", { ...envoy(64), state: "blind" as const }],
    ["is late", { ...envoy(64), state: "late" as const }],
    ["reported once", { ...envoy(64), windowMs: 0 }],
    ["answers nothing", envoy(64, { completedRps: 0 })],
    ["knows no baseline yet", envoy(64, { baselineMs: 0 })],
    ["shows no limit", envoy(0)],
  ] as const) {
    it(`keeps limit 40 while the only Envoy ${why}`, () => {
      assert.equal(limitOf([node]), 40);
    });
  }

  it("goes by the median of 3 Envoys, by the lower of 2", () => {
    assert.equal(limitOf([envoy(900), envoy(16), envoy(64)]), 64);
    assert.equal(limitOf([envoy(900), envoy(64)]), 64);
  });

  it("forgets a scope that no Shedding names any more, and learns none", () => {
    assert.deepEqual([...remember(KNOWN, [], [envoy(64)])], []);
    assert.deepEqual([...remember(NO_MEMORY, SCOPES, [])], []);
  });

  it("knows nothing that no Envoy showed, whatever the evidence and the order of the nodes", () => {
    const limits = fc.array(fc.record({ limit: fc.nat(100), baselineMs: fc.nat(50) }));
    fc.assert(
      fc.property(limits, (shown) => {
        const nodes = shown.map(({ limit, baselineMs }) => envoy(limit, { baselineMs }));

        const memory = remember(NO_MEMORY, SCOPES, nodes);

        assert.deepEqual(remember(NO_MEMORY, SCOPES, nodes.toReversed()), memory);
        assert.deepEqual(remember(memory, SCOPES, nodes), memory);
        for (const { limit, baselineMs } of memory.values()) {
          assert.ok(limit > 0 && baselineMs > 0);
          assert.ok(shown.some((each) => each.limit === limit && each.baselineMs === baselineMs));
        }
      }),
    );
  });
});

describe("isWorthPushing", () => {
  const isDue = (memory: ScopeMemory, sinceMs = 30_000, isAwaited = false) =>
    isWorthPushing({ known: new Map([["checkout", memory]]), pushed: KNOWN, sinceMs, isAwaited });

  it("not at 25 % more or less, but beyond, in limit or baseline", () => {
    assert.equal(isDue({ limit: 50, baselineMs: 20 }), false);
    assert.equal(isDue({ limit: 32, baselineMs: 25 }), false);
    assert.equal(isDue({ limit: 51, baselineMs: 20 }), true);
    assert.equal(isDue({ limit: 31, baselineMs: 20 }), true);
    assert.equal(isDue({ limit: 40, baselineMs: 25.1 }), true);
  });

  it("not before 30 s, unless an Envoy has just connected", () => {
    const doubled = { limit: 80, baselineMs: 20 };

    assert.equal(isDue(doubled, 29_999), false);
    assert.equal(isDue(doubled, 30_000), true);
    assert.equal(isDue(doubled, 0, true), true);
    assert.equal(isDue({ limit: 41, baselineMs: 20 }, 0, true), false);
  });

  it("never twice: what was just pushed is not due, whoever waits and however long it was", () => {
    const entry = fc.record({
      limit: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      baselineMs: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    });
    const memory = fc.dictionary(fc.string(), entry).map((all) => new Map(Object.entries(all)));
    fc.assert(
      fc.property(memory, fc.nat(), fc.boolean(), (known, sinceMs, isAwaited) => {
        assert.equal(isWorthPushing({ known, pushed: known, sinceMs, isAwaited }), false);
      }),
    );
  });
});
