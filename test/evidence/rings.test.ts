import assert from "node:assert/strict";
import fc from "fast-check";
import { Rings } from "../../src/evidence/rings.ts";

/** Slots of one second alone: a window then begins and ends where it is asked to. */
const SECONDS = 20;

describe("the rings of an arm", () => {
  const steps = fc.array(
    fc.record({
      /** Longer than the ring too: what it held is then overwritten or stale. */
      ahead: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 50 })),
      count: fc.integer({ min: 0, max: 100 }),
      windows: fc.array(fc.integer({ min: 1, max: SECONDS }), { maxLength: 4 }),
    }),
    { maxLength: 60 },
  );

  it("sum what was counted in a window, whichever windows were asked for before", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const rings = new Rings(1, [{ seconds: 1, slots: SECONDS }]);
        const counted: { readonly tick: number; readonly count: number }[] = [];
        let tick = 1000;
        for (const { ahead, count, windows } of all) {
          tick += ahead;
          rings.add(tick - 1, [count]);
          counted.push({ tick: tick - 1, count });
          for (const seconds of windows) {
            const into = [0];
            rings.sum(tick, seconds, into);
            const within = counted.filter(({ tick: at }) => at >= tick - seconds && at < tick);
            const expected = within.reduce((sum, each) => sum + each.count, 0);
            assert.equal(into[0], expected, `${seconds} s before ${tick}`);
          }
        }
      }),
    );
  });
});
