import assert from "node:assert/strict";
import fc from "fast-check";
import { type ActionInForce, knobOf, type MeshMove } from "../../../src/decide/act/action.ts";
import { layOver } from "../../../src/decide/act/effective.ts";
import { httpRoute, policySet, service, shedding } from "../../support/policy-set.ts";

const INTENT = policySet({
  httpRoutes: [httpRoute()],
  services: [
    service({
      versions: [
        { name: "v1", endpoints: [{ host: "10.0.0.1", port: 1, weight: 1 }] },
        { name: "v2", endpoints: [{ host: "10.0.0.2", port: 1, weight: 1 }] },
      ],
      weights: { v1: 100, v2: 0 },
      timeoutMs: 1000,
    }),
  ],
  sheddings: [shedding({ limit: { min: 4, max: 100, initial: 16 } })],
  rateLimits: [
    {
      name: "api",
      owner: "team",
      target: { kind: "gateway", name: "edge" },
      rate: { requests: 400, perMs: 1000 },
      burst: 800,
      per: [],
      mode: "enforce",
      scope: "local",
      bounds: { min: { requests: 40, perMs: 1000 } },
    },
  ],
});

let count = 0;
function action(move: MeshMove, more: Partial<ActionInForce> = {}): ActionInForce {
  count += 1;
  return {
    id: `a${count}`,
    knob: knobOf(move),
    by: { kind: "Policy", name: "p" },
    class: "reliability",
    move,
    sinceTick: 0,
    isShadow: false,
    ...more,
  };
}

const limitTo = (factor: number): MeshMove => ({
  kind: "rateLimit",
  name: "api",
  factor,
  tiers: [],
});
const weights = (v2: number): MeshMove => ({
  kind: "weights",
  service: "checkout",
  weights: { v1: 100 - v2, v2 },
});

function rateUnder(...moves: MeshMove[]): number | undefined {
  return layOver(
    INTENT,
    moves.map((move) => action(move)),
  ).policySet.rateLimits[0]?.rate.requests;
}

describe("the decision behind what is laid over a document", () => {
  const byPolicy = (move: MeshMove, id: string, more: Partial<ActionInForce> = {}) =>
    action(move, { id: `a-${id}`, ...more });

  it("is named at the rate limit it moves, and nowhere else: the newest of two", () => {
    const { policySet: set } = layOver(INTENT, [
      byPolicy(limitTo(0.5), "d1", { sinceTick: 5 }),
      byPolicy(limitTo(0.6), "d2", { sinceTick: 9 }),
    ]);

    assert.equal(set.rateLimits[0]?.decision, "d2");
    assert.equal(set.services[0]?.decision, undefined);
  });

  it("is named at the Service it moves; a shadow, a Rollout and an Override name none", () => {
    const named = (more: Partial<ActionInForce>) =>
      layOver(INTENT, [byPolicy(weights(10), "d1", more)]).policySet.services[0]?.decision;

    assert.equal(named({}), "d1");
    assert.equal(named({ isShadow: true }), undefined);
    assert.equal(named({ by: { kind: "Rollout", name: "r" } }), undefined);
    assert.equal(named({ by: { kind: "Override", name: "o" } }), undefined);
  });
});

describe("layOver", () => {
  it("gives the intent itself without an action, and a canary its 5 of 100", () => {
    assert.deepEqual(layOver(INTENT, []).policySet, INTENT);
    const laid = layOver(INTENT, [action(weights(5))]).policySet;
    assert.deepEqual(laid.services[0]?.weights, { v1: 95, v2: 5 });
  });

  it("takes the least of 2 rates, 0.5 and 0.25 of 400/s, and never less than the bound of 40/s", () => {
    assert.equal(rateUnder(limitTo(0.5), limitTo(0.25)), 100);
    assert.equal(rateUnder(limitTo(0.01)), 40);
    assert.equal(rateUnder(limitTo(2)), 400);
  });

  it("gives the canary the least of 2 shares, 20 and 5 of 100", () => {
    const laid = layOver(INTENT, [action(weights(20)), action(weights(5))]).policySet;
    const { v1 = 0, v2 = 0 } = laid.services[0]?.weights ?? {};
    assert.equal((v2 / (v1 + v2)).toFixed(6), (5 / 85).toFixed(6));
  });

  it("changes nothing for a shadow, but shows its denial as one", () => {
    const shadow = { isShadow: true };
    const deny: MeshMove = { kind: "deny", cidr: "10.9.0.0/16" };
    const laid = layOver(INTENT, [action(limitTo(0.5), shadow), action(deny, shadow)]);
    assert.deepEqual(laid.policySet, INTENT);
    assert.deepEqual(
      laid.denials.map(({ move, isShadow }) => [move.cidr, isShadow]),
      [["10.9.0.0/16", true]],
    );
  });

  it("holds a Shedding at 20 in flight, with bounds that still make sense", () => {
    const laid = layOver(INTENT, [
      action({ kind: "shed", shedding: "checkout", max: 2, tiers: {} }),
    ]);
    assert.deepEqual(laid.policySet.sheddings[0]?.limit, { min: 2, max: 2, initial: 2 });
  });

  it("does not depend on the order of 4 actions, 200 times", () => {
    const actions = [limitTo(0.5), weights(5), weights(20), limitTo(0.7)].map((move) =>
      action(move),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(actions, { minLength: 4 }), (shuffled) => {
        assert.deepEqual(layOver(INTENT, shuffled), layOver(INTENT, actions));
      }),
      { numRuns: 200 },
    );
  });
});
