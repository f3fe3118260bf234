import assert from "node:assert/strict";
import { CLUSTER_TYPE, LISTENER_TYPE } from "../../src/proto/type-url.ts";
import { shrinksOf } from "../../src/xds/shrink.ts";
import { createSnapshot } from "../../src/xds/snapshot.ts";

function clusters(from: number, to: number, typeUrl = CLUSTER_TYPE) {
  const names = Array.from({ length: to - from }, (_, i) => `c${from + i}`);
  return names.map((name) => ({ typeUrl, name, value: Buffer.from(name) }));
}

describe("shrink of a snapshot", () => {
  const before = createSnapshot([...clusters(0, 20), ...clusters(0, 9, LISTENER_TYPE)]);

  for (const { what, left, removed } of [
    { what: "half", left: clusters(10, 20), removed: undefined },
    { what: "11 of 20", left: clusters(11, 20), removed: 11 },
    { what: "all of a type", left: [], removed: 20 },
    { what: "11 of 20 beside 30 new ones", left: clusters(11, 50), removed: 11 },
  ]) {
    it(`is ${removed ?? "none"} where ${what} goes; all of 9 listeners never counts`, () => {
      const found = shrinksOf(before, createSnapshot(left));

      const expected =
        removed === undefined ? [] : [{ typeUrl: CLUSTER_TYPE, before: 20, removed }];
      assert.deepEqual(found, expected);
    });
  }

  it("is none without a snapshot before", () => {
    assert.deepEqual(shrinksOf(undefined, createSnapshot([])), []);
  });
});
