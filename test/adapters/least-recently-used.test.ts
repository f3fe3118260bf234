import assert from "node:assert/strict";
import fc from "fast-check";
import { LeastRecentlyUsed } from "../../src/adapters/least-recently-used.ts";

describe("least recently used", () => {
  it("holds what a map holds whose entries go to its end when they are used and leave at its start above 1 to 5", () => {
    const keys = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), keys, (limit, used) => {
        let made = 0;
        const held = new LeastRecentlyUsed(limit, () => ++made);
        const model = new Map<string, number>();
        for (const key of used) {
          const madeBefore = made;
          const value = held.use(key);

          assert.equal(value, model.get(key) ?? madeBefore + 1);
          model.delete(key);
          const [oldest] = model.keys();
          if (model.size === limit && oldest !== undefined) model.delete(oldest);
          model.set(key, value);
          assert.equal(held.size, model.size);
        }
      }),
    );
  });
});
