import assert from "node:assert/strict";
import { type Entry, type IndexedFields, type Store, StoreRefusal } from "../../src/store/store.ts";

/** What every engine of the store owes. `restart`: the same state in a new process, or as good as one. */
export interface Engine {
  readonly store: Store;
  restart(): Promise<Store>;
  stop(): Promise<void>;
}

export const FIELDS: IndexedFields = { log: ["id", "about.name"] };

export function conforms(name: string, start: () => Promise<Engine>): void {
  describe(`${name} as a store`, () => {
    let engine: Engine;
    let store: Store;

    beforeEach(async () => {
      engine = await start();
      store = engine.store;
    });
    afterEach(() => engine.stop());

    const bodies = async (limit = 1000) =>
      (await store.read("log", { limit })).map(({ body }) => body);

    it("numbers entries from 1 without a gap, each stream by itself", async () => {
      const numbers = [
        await store.append("log", ["a", "b", "c"]),
        await store.append("other", ["x"]),
        await store.append("log", ["d"]),
      ];

      assert.deepEqual(numbers, [3, 1, 4]);
      assert.deepEqual(await bodies(), ["a", "b", "c", "d"]);
      assert.deepEqual([await store.head("log"), await store.head("none")], [4, 0]);
    });

    it("keeps the order of 500 appends that nobody awaits", async () => {
      const written = Array.from({ length: 500 }, (_, i) => `${i}`);

      const numbers = await Promise.all(written.map((body) => store.append("log", [body])));

      assert.deepEqual(
        numbers,
        written.map((_, i) => i + 1),
      );
      assert.deepEqual(await bodies(), written);
    });

    it("reads pages forward and backward, from the ends and beyond a number", async () => {
      await store.append("log", ["a", "b", "c", "d", "e"]);
      const page = async (query: { after?: number; limit: number; reverse?: boolean }) =>
        (await store.read("log", query)).map(({ seq, body }) => `${seq}${body}`).join(" ");

      assert.equal(await page({ limit: 2 }), "1a 2b");
      assert.equal(await page({ after: 2, limit: 9 }), "3c 4d 5e");
      assert.equal(await page({ limit: 2, reverse: true }), "5e 4d");
      assert.equal(await page({ after: 4, limit: 2, reverse: true }), "3c 2b");
      assert.equal(await page({ after: 5, limit: 2 }), "");
    });

    it("finds bodies by a field, in their order, and by a range of it, in its order, page by page", async () => {
      const names = ["b", "a", "c", "b", "d", "b"];
      await store.append(
        "log",
        names.map((name, i) => JSON.stringify({ id: `${i}`, about: { name } })),
      );
      const find = async (from: string, to: string, rest: object = {}) => {
        const where = { field: "about.name", from, to };
        const found = await store.read("log", { limit: 9, where, ...rest });
        return found.map(({ seq }) => seq).join(" ");
      };

      assert.equal(await find("b", "b"), "1 4 6");
      assert.equal(await find("b", "b", { after: 1, limit: 1 }), "4");
      assert.equal(await find("b", "b", { reverse: true, limit: 2 }), "6 4");
      assert.equal(await find("b", "b", { reverse: true, after: 4 }), "1");
      assert.equal(await find("a", "c"), "2 1 4 6 3");
      assert.equal(await find("a", "c", { limit: 3 }), "2 1 4");
      assert.equal(await find("a", "c", { after: 4 }), "6 3");
      assert.equal(await find("a", "c", { reverse: true, limit: 2 }), "3 6");
      assert.equal(await find("a", "c", { reverse: true, after: 6 }), "4 1 2");
      assert.equal(await find("x", "y"), "");
    });

    it("finds nothing in bodies that are not JSON or lack the field", async () => {
      await store.append("log", ["{", "1", "{}", '{"id":"x"}']);

      const where = { field: "id", from: "", to: "~" };
      const found = await store.read("log", { limit: 9, where });

      assert.deepEqual(found, [{ seq: 4, body: '{"id":"x"}' }]);
    });

    it("keeps any text: quotes, control characters, other scripts, 512 KiB", async () => {
      const odd = ["", `'"\\\n`, "a\u0001\u007f\ufffeb", "ключ 钥匙 🔑", "x".repeat(512 * 1024)];

      await store.append("log", odd);
      for (const [i, text] of odd.entries()) await store.put(`odd/${i}`, text);

      // Not deepEqual: a difference in 512 KiB takes minutes to print.
      assert.ok((await bodies()).every((body, i) => body === odd[i]));
      for (const [i, text] of odd.entries()) assert.ok((await store.get(`odd/${i}`)) === text);
    });

    it("refuses a body above 512 KiB, or with NUL in it, as a defect", () => {
      assert.throws(() => store.append("log", ["x".repeat(512 * 1024 + 1)]), RangeError);
      assert.throws(() => store.append("log", ["a\u0000b"]), RangeError);
    });

    it("shows a watcher what was there and what comes, once and in order", async () => {
      await store.append("log", ["a", "b", "c"]);
      const stopping = new AbortController();
      const seen: Entry[] = [];
      const watching = (async () => {
        for await (const entry of store.watch("log", 1, stopping.signal)) {
          seen.push(entry);
          if (seen.length === 402) stopping.abort();
        }
      })();

      for (let i = 0; i < 200; i++) await store.append("log", [`${i}`, `${i}+`]);
      await watching;

      assert.deepEqual(
        seen.map(({ seq }) => seq),
        Array.from({ length: 402 }, (_, i) => i + 2),
      );
    });

    it("ends a watch at once when it is stopped or the store is closed", async () => {
      const stopping = new AbortController();
      const drain = async (signal: AbortSignal) => {
        for await (const _ of store.watch("log", 0, signal));
      };
      const stopped = drain(stopping.signal);
      const closed = drain(new AbortController().signal);

      stopping.abort();
      await stopped;
      await store.close();
      await closed;
    });

    it("keeps streams, heads and documents over a restart", async () => {
      await store.append("log", ["a", "b"]);
      await store.put("k", "old");
      await store.put("k", "new");

      store = await engine.restart();

      assert.deepEqual(await bodies(), ["a", "b"]);
      assert.deepEqual([await store.get("k"), await store.get("none")], ["new", undefined]);
      assert.equal(await store.append("log", ["c"]), 3);
    });

    it("gives a lease to one at a time, each with a greater token, over a restart too", async () => {
      const first = await store.lease("leader", 1000);
      const second = await store.lease("leader", 1000);
      await first?.release();
      const third = await store.lease("leader", 1000);
      store = await engine.restart();
      const fourth = await store.lease("leader", 1000);

      assert.equal(second, undefined);
      const tokens = [first, third, fourth].map((lease) => lease!.token);
      assert.ok(tokens[0]! < tokens[1]! && tokens[1]! < tokens[2]!, tokens.join());
      assert.ok(first?.lost.aborted && third?.lost.aborted && !fourth?.lost.aborted);
    });

    it("refuses what is written under a lease that is over, and nothing else beside it", async () => {
      const over = await store.lease("leader", 1000);
      await over?.release();
      const newest = await store.lease("leader", 1000);

      const [stale, , document, fresh] = await Promise.allSettled([
        store.append("log", ["stale"], over),
        store.append("log", ["anyone"]),
        store.put("k", "stale", over),
        store.append("log", ["fresh"], newest),
      ]);

      assert.deepEqual([kindOf(stale), kindOf(document)], ["fenced", "fenced"]);
      assert.equal(fresh.status, "fulfilled");
      assert.deepEqual(await bodies(), ["anyone", "fresh"]);
      assert.equal(await store.get("k"), undefined);
    });

    it("writes what was appended before it was closed, and refuses what comes after", async () => {
      const before = store.append("log", ["a"]);
      const closing = store.close();
      const [after] = await Promise.allSettled([store.append("log", ["b"])]);
      await closing;

      assert.equal(await before, 1);
      assert.equal(kindOf(after), "closed");
      store = await engine.restart();
      assert.deepEqual(await bodies(), ["a"]);
    });

    it("says that it can be written and how much room there is", () => {
      const { isWritable, cause, sizeBytes, freeBytes } = store.health();

      assert.deepEqual([isWritable, cause], [true, undefined]);
      assert.ok(sizeBytes > 0 && freeBytes > 0);
    });
  });
}

function kindOf(result: PromiseSettledResult<unknown> | undefined): string {
  if (result?.status !== "rejected") return `${result?.status}`;
  return result.reason instanceof StoreRefusal ? result.reason.kind : String(result.reason);
}
