import assert from "node:assert/strict";
import { z } from "zod";
import { StateDocument } from "../../src/control/state-document.ts";

/** Documents in memory; counts writes, and fails them while it is told to. */
function memory() {
  const documents = new Map<string, string>();
  const seen = { puts: 0, isFull: false };
  const store = {
    get: async (key: string) => documents.get(key),
    put: async (key: string, value: string) => {
      seen.puts++;
      if (seen.isFull) throw new Error("full");
      documents.set(key, value);
    },
  };
  return { documents, seen, store };
}

const SHAPE = { key: "k", version: 2, schema: z.strictObject({ count: z.int() }) };

describe("StateDocument", () => {
  it("loads nothing before the first save, and then what was saved", async () => {
    const { store } = memory();

    assert.deepEqual(await new StateDocument(store, SHAPE).load(), { kind: "none" });
    await new StateDocument(store, SHAPE).save({ count: 7 });

    assert.deepEqual(await new StateDocument(store, SHAPE).load(), {
      kind: "loaded",
      value: { count: 7 },
    });
  });

  it("writes 2 times for 5 saves of which 3 change nothing, one of them after a load", async () => {
    const { store, seen } = memory();
    const first = new StateDocument(store, SHAPE);
    for (const count of [1, 1, 2, 2]) await first.save({ count });
    const second = new StateDocument(store, SHAPE);
    await second.load();

    await second.save({ count: 2 });

    assert.equal(seen.puts, 2);
  });

  it("tries an equal value again after a save that failed", async () => {
    const { store, seen } = memory();
    const document = new StateDocument(store, SHAPE);
    await document.save({ count: 1 });
    seen.isFull = true;
    await assert.rejects(document.save({ count: 2 }));
    seen.isFull = false;

    await document.save({ count: 1 });

    assert.equal(seen.puts, 3);
  });

  it("says why it cannot be used: no JSON, another version, a value that does not fit", async () => {
    const { documents, store } = memory();
    const why = async (text: string) => {
      documents.set("k", text);
      const loaded = await new StateDocument(store, SHAPE).load();
      return loaded.kind === "unusable" ? loaded.why : loaded.kind;
    };

    assert.equal(await why("{"), "state k: is not what this program writes.");
    assert.equal(
      await why('{"version":3,"value":{"count":1}}'),
      "state k: has version 3, this program reads 2.",
    );
    assert.match(
      await why('{"version":2,"value":{"count":"x"}}'),
      /^state k: count: Invalid input/,
    );
  });
});
