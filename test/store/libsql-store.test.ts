import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { openForWriting, StoreUnusable } from "../../src/store/database.ts";
import { LibsqlStore, openLibsqlStore, readLibsqlStore } from "../../src/store/libsql-store.ts";
import { StoreRefusal } from "../../src/store/store.ts";
import { conforms, FIELDS } from "./conformance.ts";

const nowMs = () => performance.now();
const MIB = 1024 * 1024;

conforms("libsql", async () => {
  const dir = temporaryFolder();
  let store = openLibsqlStore({ dir, fields: FIELDS, nowMs });
  return {
    store,
    restart: async () => {
      await store.close();
      store = openLibsqlStore({ dir, fields: FIELDS, nowMs });
      return store;
    },
    stop: async () => {
      await store.close();
    },
  };
});

describe("LibsqlStore", () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  const open = (freeBytes?: () => number) =>
    openLibsqlStore({
      dir: folder,
      fields: FIELDS,
      nowMs,
      ...(freeBytes === undefined ? {} : { freeBytes }),
    });

  it("flushes each commit to a write-ahead log", async () => {
    const { db, lock } = openForWriting(folder);
    const pragma = (name: string) => Object.values(db.pragma(name, { simple: true }) as object)[0];

    assert.deepEqual([pragma("journal_mode"), pragma("synchronous")], ["wal", 2]);
    db.close();
    lock.exec("ROLLBACK");
  });

  it("refuses writes at 63 MiB free, says so, and writes again at 64", async () => {
    let free = 64 * MIB - 1;
    const store = open(() => free);

    await assert.rejects(
      store.append("log", ["a"]),
      new StoreRefusal(
        "full",
        `${folder}: 63 MiB are free on its disk, 64 are needed to write: make room.`,
      ),
    );
    assert.match(store.health().cause ?? "", /63 MiB are free/);
    free = 64 * MIB;

    assert.equal(await store.append("log", ["b"]), 1);
    assert.equal(store.health().isWritable, true);
    await store.close();
  });

  it("refuses all of a commit that the disk has no room for, keeps what was there, recovers by itself", async () => {
    const { db, lock } = openForWriting(folder);
    const store = new LibsqlStore(db, lock, { dir: folder, fields: FIELDS, nowMs });
    await store.append("log", ["first"]);
    db.pragma("max_page_count = 30");

    const results = await Promise.allSettled([
      store.append("log", ["small"]),
      store.append("log", ["x".repeat(200_000)]),
    ]);
    assert.deepEqual(
      results.map((result) => result.status === "rejected" && result.reason.message),
      Array(2).fill(`${folder}: the disk is full: make room.`),
    );
    assert.match(store.health().cause ?? "", /disk is full/);
    assert.equal(await store.append("log", ["small"]), 2);
    db.pragma("max_page_count = 1000000");
    assert.equal(await store.append("log", ["x".repeat(200_000)]), 3);

    assert.equal(store.health().isWritable, true);
    await store.close();
  });

  it("refuses a folder that another store writes, and frees it when closed", async () => {
    const first = open();

    assert.throws(() => open(), /is in use by another control plane/);
    await first.close();

    await open().close();
  });

  it("lets others read what was acknowledged while it writes", async () => {
    const store = open();
    await store.append("log", ["a", "b"]);

    const reader = readLibsqlStore(folder, FIELDS);
    await store.append("log", ["c"]);

    assert.equal((await reader.read("log", { limit: 9 })).length, 3);
    assert.equal(await reader.head("log"), 3);
    await reader.close();
    await store.close();
  });

  it("says in one sentence that a file is damaged: no database, cut off, overwritten inside", async () => {
    const file = join(folder, "state.db");
    const store = open();
    for (let i = 0; i < 50; i++) await store.append("log", ["x".repeat(5000)]);
    await store.close();
    const damages = [
      () => truncateSync(file, 100_000),
      () => truncateSync(file, 10),
      () => writeFileSync(file, "garbage".repeat(5000)),
    ];

    for (const damage of damages) {
      damage();
      assert.throws(open, (error: Error) => {
        assert.ok(error instanceof StoreUnusable, error.stack);
        assert.ok(error.message.startsWith(`${file}: is damaged (`), error.message);
        assert.match(error.message, /move the folder away to begin anew\.$/);
        assert.equal(error.message.split("\n").length, 1);
        return true;
      });
    }
  });

  it("says in one sentence that there is no store to read, or none can be made", () => {
    assert.throws(() => readLibsqlStore(folder, FIELDS), /state\.db: is not there/);
    const file = join(folder, "file");
    writeFileSync(file, "");
    assert.throws(
      () => openLibsqlStore({ dir: join(file, "state"), fields: FIELDS, nowMs }),
      /cannot be made \(ENOTDIR\)/,
    );
  });

  it("makes an index for entries that were there before it", async () => {
    const before = openLibsqlStore({ dir: folder, fields: {}, nowMs });
    await before.append("log", [JSON.stringify({ id: "7" })]);
    await before.close();

    const store = open();
    const where = { field: "id", from: "7", to: "7" };

    assert.equal((await store.read("log", { limit: 9, where })).length, 1);
    await store.close();
  });
});
