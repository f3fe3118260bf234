import assert from "node:assert/strict";
import fc from "fast-check";
import { type Knob, type KnobRules, RELEASED, turnKnob } from "../../src/decide/stability.ts";

const RULES: KnobRules = {
  class: "reliability",
  minIntervalSeconds: 60,
  budgetPerHour: 5,
  deadband: 0.02,
  maxTighten: 1,
  maxRelease: 0.25,
};

const classes = ["safety", "security", "reliability", "cost", "experiment"] as const;
const wishes = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 900 }),
    wish: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9, 1),
  }),
  { maxLength: 300 },
);

function movesOf(rules: KnobRules, list: readonly { after: number; wish: number }[]): number[] {
  let knob = RELEASED;
  let tick = 0;
  const moves: number[] = [];
  for (const { after, wish } of list) {
    tick += after;
    const turn = turnKnob(knob, wish, tick, rules);
    if (turn.hasMoved) moves.push(tick);
    knob = turn.knob;
  }
  return moves;
}

describe("stability of a knob", () => {
  it("moves at most 5 times in any rolling hour, whatever is wished, over 2,000 histories", () => {
    fc.assert(
      fc.property(
        wishes,
        fc.constantFrom(...classes),
        fc.integer({ min: 0, max: 60 }),
        (list, ofClass, rest) => {
          const moves = movesOf({ ...RULES, class: ofClass, minIntervalSeconds: rest }, list);
          for (const [at, tick] of moves.entries()) {
            const within = moves.slice(at).filter((each) => each - tick < 3600);
            assert.ok(within.length <= 5, `${within.length} moves from ${tick}`);
          }
        },
      ),
      { seed: 6, numRuns: 2000 },
    );
  });

  it("never leaves [0, 1], never moves away from the wish, and survives JSON, over 500 histories", () => {
    fc.assert(
      fc.property(wishes, (list) => {
        let knob: Knob = RELEASED;
        let tick = 0;
        for (const { after, wish } of list) {
          tick += after;
          const turn = turnKnob(knob, wish, tick, RULES);
          assert.deepEqual(JSON.parse(JSON.stringify(turn.knob)), turn.knob);
          assert.ok(turn.knob.value >= 0 && turn.knob.value <= 1);
          assert.ok(Math.abs(turn.knob.value - wish) <= Math.abs(knob.value - wish));
          knob = turn.knob;
        }
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("tightens a fifth time within the hour, and never releases for it", () => {
    let knob = RELEASED;
    for (const [at, wish] of [0.2, 0.4, 0.6, 0.8].entries()) {
      knob = turnKnob(knob, wish, at * 60, RULES).knob;
    }
    assert.equal(turnKnob(knob, 0, 3000, RULES).why, "it has moved 4 times within the hour");
    const fifth = turnKnob(knob, 0.9, 300, RULES);
    assert.equal(fifth.knob.value, 0.9);
    assert.equal(turnKnob(fifth.knob, 1, 400, RULES).why, "it has moved 5 times within the hour");
    assert.equal(
      turnKnob(fifth.knob, 0, 3600, RULES).knob.value,
      0.9,
      "4 are still within the hour",
    );
    assert.equal(turnKnob(fifth.knob, 0, 3661, RULES).knob.value, 0.65);
  });

  it("latches a safety knob at its tightest with the fifth move, and says so", () => {
    const rules: KnobRules = { ...RULES, class: "safety" };
    let knob = RELEASED;
    for (const [at, wish] of [0.2, 0.4, 0.6, 0.7].entries())
      knob = turnKnob(knob, wish, at, rules).knob;
    const turn = turnKnob(knob, 0.8, 10, rules);
    assert.deepEqual([turn.knob.value, turn.isLatched], [1, true]);
    assert.equal(turnKnob(turn.knob, 1, 11, rules).why, "");
  });

  it("waits 60, 120, 240 s before releases as reversals go on, and 60 s again after 2 quiet hours", () => {
    const first = turnKnob(RELEASED, 1, 0, RULES).knob;
    assert.equal(turnKnob(first, 0, 59, RULES).hasMoved, false);
    const released = turnKnob(first, 0, 60, RULES).knob;
    const again = turnKnob(released, 1, 120, RULES).knob;
    assert.equal(again.patience, 4);
    assert.equal(turnKnob(again, 0, 359, RULES).hasMoved, false);
    assert.equal(turnKnob(again, 0, 360, RULES).hasMoved, true);
    assert.equal(turnKnob(again, 0, 120 + 7200, RULES).knob.patience, 1);
  });
});
