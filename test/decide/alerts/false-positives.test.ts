import assert from "node:assert/strict";
import { falsePositives } from "../../../src/decide/alerts/false-positives.ts";

const labels = (yes: number, no: number) =>
  Array.from({ length: yes + no }, (_, at) => ({
    label: { actionable: at < yes ? ("yes" as const) : ("no" as const), by: "mira", tick: 0 },
  }));

describe("share of false alarms", () => {
  // Intervals by Wilson's formula, worked out once more in Python.
  for (const [yes, no, low, high] of [
    [38, 2, 0.01382, 0.165_02],
    [10, 0, 0, 0.277_53],
    [0, 10, 0.722_47, 1],
    [95, 5, 0.021_54, 0.111_75],
  ] as const) {
    it(`is ${no} of ${yes + no}, from ${low} to ${high}`, () => {
      const found = falsePositives([...labels(yes, no), {}, {}]);
      assert.equal(found?.labelled, yes + no);
      assert.equal(found.notActionable, no);
      assert.ok(
        Math.abs(found.low - low) < 1e-4 && Math.abs(found.high - high) < 1e-4,
        JSON.stringify(found),
      );
    });
  }

  it("is unknown without a label", () => {
    assert.equal(falsePositives([{}, {}]), undefined);
  });
});
