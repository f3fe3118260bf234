import assert from "node:assert/strict";
import fc from "fast-check";
import { Debounce } from "../../src/control/debounce.ts";

/** Times at which it runs, for changes at these times; all in ms. */
function runsAfter(changes: readonly number[]): number[] {
  let nowMs = 0;
  let timer: { readonly atMs: number; readonly fire: () => void } | undefined;
  const runs: number[] = [];
  const debounce = new Debounce(
    {
      quietMs: 50,
      maxMs: 1000,
      nowMs: () => nowMs,
      schedule: (ms, fire) => {
        timer = { atMs: nowMs + ms, fire };
        return () => {
          timer = undefined;
        };
      },
    },
    () => runs.push(nowMs),
  );
  const passTo = (toMs: number) => {
    while (timer !== undefined && timer.atMs <= toMs) {
      nowMs = timer.atMs;
      timer.fire();
    }
    nowMs = toMs;
  };
  for (const atMs of changes) {
    passTo(atMs);
    debounce.touch();
  }
  passTo(Number.MAX_SAFE_INTEGER);
  return runs;
}

describe("a burst of changes", () => {
  it("is over 50 ms after the last of 3 changes", () => {
    assert.deepEqual(runsAfter([0, 40, 80]), [130]);
    assert.deepEqual(runsAfter([0, 40, 200]), [90, 250]);
  });

  it("that does not end, a change every 20 ms for 3 s, is read every second", () => {
    const changes = Array.from({ length: 150 }, (_, index) => index * 20);
    assert.deepEqual(runsAfter(changes), [1000, 2000, 3000]);
  });

  it("law: after every change it runs within 1 s, and never more often than every 50 ms", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, (each) => {
        let atMs = 0;
        const changes = each.map((gap) => (atMs += gap));
        const runs = runsAfter(changes);
        for (const change of changes) {
          assert.ok(runs.some((run) => run >= change && run <= change + 1000));
        }
        assert.ok(runs.every((run, index) => index === 0 || run - runs[index - 1]! >= 50));
      }),
    );
  });
});
