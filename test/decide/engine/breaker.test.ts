import assert from "node:assert/strict";
import {
  type Breaker,
  CLOSED,
  phaseOf,
  type Strain,
  strain,
} from "../../../src/decide/engine/breaker.ts";
import { EngineRig } from "./engine-rig.ts";

const bad: Strain = { policy: "a", ended: "badly" };
const well: Strain = { policy: "a", ended: "well" };

function strained(strains: readonly Strain[], gapSeconds: number, leastPolicies = 1): Breaker {
  return strains.reduce(
    (breaker, each, at) => strain(breaker, each, { tick: 1000 + at * gapSeconds, leastPolicies }),
    CLOSED,
  );
}

describe("the breaker on automation", () => {
  it("opens on 2 failures in the last 5 actions, and not on 2 in the last 6", () => {
    assert.equal(
      strained([bad, well, well, well, bad], 5000).open?.why,
      "2 of its last 5 actions failed",
    );
    assert.equal(strained([bad, well, well, well, well, bad], 5000).open, undefined);
  });

  it("opens on 2 reverts within an hour, and not on 2 in 61 minutes", () => {
    const revert: Strain = { policy: "a", ended: "badly", isReverted: true };
    const between = [revert, well, well, well, well, revert];
    assert.match(strained(between, 719).open?.why ?? "", /2 actions were taken back/);
    assert.equal(strained(between, 732).open, undefined);
  });

  it("opens on a budget spent in 2 hours of 6, and not on one that stays spent for an hour", () => {
    const spent: Strain = { policy: "a", isSpent: true };
    assert.equal(strained(Array(3600).fill(spent), 1).open, undefined);
    assert.match(strained([spent, spent], 7200).open?.why ?? "", /spent 2 times in 6 hours/);
    assert.equal(strained([spent, spent], 6 * 3600 + 1).open, undefined);
  });

  it("is half open after 30 minutes, closes with a success then, and opens again with a failure", () => {
    const open = strained([bad, bad], 10);
    const since = open.open?.sinceTick ?? 0;
    assert.equal(phaseOf(open, since + 1799), "open");
    assert.equal(phaseOf(open, since + 1800), "half open");
    assert.equal(strain(open, well, { tick: since + 1900 }).open, undefined);
    const again = strain(open, bad, { tick: since + 1900 });
    assert.equal(phaseOf(again, since + 1900 + 1799), "open");
  });

  it("of all automation wants failures of 2 Policies", () => {
    assert.equal(strained([bad, bad], 10, 2).open, undefined);
    assert.ok(strained([bad, { policy: "b", ended: "badly" }], 10, 2).open !== undefined);
  });
});

describe("the breaker of all automation", () => {
  const second = { versions: { v1: [10, 0] } } as const;

  it("opens once while every service has been blind for a minute, pages, and survives in the state", () => {
    const rig = new EngineRig({}).run(10, second).blind(59);
    assert.deepEqual(rig.told, []);
    rig.blind(60);
    assert.deepEqual(rig.told, ["open breaker"]);
    assert.equal(rig.records[0]?.kind, "page");
    assert.equal(rig.records[0]?.subject.kind, "Engine");
    const stored = JSON.parse(JSON.stringify(rig.state)) as typeof rig.state;
    assert.equal(phaseOf(stored.breaker, rig.tick), "open");
  });

  it("opens while 2 of 100 Envoys refuse what they are sent, and not for 1", () => {
    const calm = new EngineRig({});
    calm.refusedRatio = 0.01;
    assert.deepEqual(calm.run(10, second).told, []);
    const rig = new EngineRig({});
    rig.refusedRatio = 0.02;
    assert.deepEqual(rig.run(10, second).told, ["open breaker"]);
  });
});
