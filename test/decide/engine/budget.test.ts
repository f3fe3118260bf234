import assert from "node:assert/strict";
import fc from "fast-check";
import { type KnobState, move, UNMOVED, whyNotMove } from "../../../src/decide/engine/budget.ts";

const GUARD = { minIntervalSeconds: 0, budgetPerHour: 5 };

describe("moves of a knob", () => {
  it("are at most 5 in any hour, 4 of them to release, whatever is asked for in 3 hours", () => {
    const direction = fc.constantFrom("tighten" as const, "release" as const);
    const asked = fc.array(fc.record({ wait: fc.nat(120), direction }), { maxLength: 300 });
    fc.assert(
      fc.property(asked, (asks) => {
        let knob: KnobState = UNMOVED;
        let tick = 0;
        const ticks: number[] = [];
        for (const { wait, direction } of asks) {
          tick += wait;
          if (whyNotMove(knob, direction, { tick, ...GUARD }) !== undefined) continue;
          knob = move(knob, direction, tick);
          ticks.push(tick);
        }
        for (const at of ticks) {
          const within = ticks.filter((other) => other >= at && other - at < 3600);
          assert.ok(within.length <= 5, `${within.length} moves from ${at}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("rest 60 s before the first reversal and 120 s before the second", () => {
    const guard = { minIntervalSeconds: 60, budgetPerHour: 5 };
    const tight = move(UNMOVED, "tighten", 1000);
    assert.match(whyNotMove(tight, "release", { tick: 1059, ...guard }) ?? "", /rests for 60 s/);
    assert.equal(whyNotMove(tight, "release", { tick: 1060, ...guard }), undefined);
    const loose = move(tight, "release", 1060);
    assert.match(whyNotMove(loose, "tighten", { tick: 1179, ...guard }) ?? "", /rests for 120 s/);
    assert.equal(whyNotMove(loose, "tighten", { tick: 1180, ...guard }), undefined);
  });

  it("tighten a 5th time though the 4 of the hour are spent, and release only an hour after the first", () => {
    const knob = [0, 10, 20, 30].reduce((state, tick) => move(state, "tighten", tick), UNMOVED);
    assert.equal(whyNotMove(knob, "tighten", { tick: 40, ...GUARD }), undefined);
    assert.match(
      whyNotMove(knob, "release", { tick: 3599, ...GUARD }) ?? "",
      /4 times within the hour/,
    );
    assert.equal(whyNotMove(knob, "release", { tick: 3600, ...GUARD }), undefined);
  });
});
