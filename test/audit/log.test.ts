import assert from "node:assert/strict";
import { appendFileSync, rmSync, statSync } from "node:fs";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { checkpointsFile } from "../../src/audit/checkpoint-files.ts";
import { privateKeyFile } from "../../src/audit/key.ts";
import { openForWriting } from "../../src/store/database.ts";
import { StoreRefusal } from "../../src/store/store.ts";
import { record } from "./records.ts";
import { openLog, verifyFolder } from "./rig.ts";

const MIB = 1024 * 1024;

describe("AuditLog", () => {
  let dir: string;

  beforeEach(() => {
    dir = temporaryFolder();
  });

  const write = async (count: number, from = 0) => {
    const rig = await openLog(dir);
    const ticks = Array.from({ length: count }, (_, i) => from + i);
    const indexes = await Promise.all(ticks.map((tick) => rig.log.append(record(tick))));
    await rig.close();
    return indexes;
  };
  const sql = (text: string) => {
    const { db, lock } = openForWriting(dir);
    db.exec(text);
    db.close();
    lock.exec("ROLLBACK");
    lock.close();
  };

  it("numbers 1,000 records that nobody waits for in their order, and all of it verifies", async () => {
    const indexes = await write(1000);

    assert.deepEqual(
      indexes,
      indexes.map((_, i) => i + 1),
    );
    assert.deepEqual(await verifyFolder(dir), { ok: true, entries: 1000, checkpoints: 5 });
  });

  it("takes a record that comes in any of the 20 steps after the one before was acknowledged", async () => {
    const rig = await openLog(dir);
    for (let steps = 0; steps < 20; steps++) {
      await rig.log.append(record(steps));
      for (let step = 0; step < steps; step++) await undefined;
    }
    await rig.close();

    assert.equal(rig.log.size, 20);
  });

  it("goes on after a restart with the same key and an unbroken chain", async () => {
    for (let round = 0; round < 5; round++) await write(3, round * 3);

    assert.deepEqual(await verifyFolder(dir), { ok: true, entries: 15, checkpoints: 6 });
  });

  it("keeps its private key from everyone but its owner", async () => {
    await write(1);

    assert.equal(statSync(privateKeyFile(dir)).mode & 0o777, 0o600);
  });

  it("says in one sentence that the key of a log with entries is gone", async () => {
    await write(1);
    rmSync(privateKeyFile(dir));

    await assert.rejects(openLog(dir), {
      message: `${privateKeyFile(dir)}: is missing, and the audit log beside it has entries: bring it back, or move the folder away to begin anew.`,
    });
  });

  it("refuses a record of 300 KiB, one that is none, and one that cannot be JSON, and takes those beside them", async () => {
    const rig = await openLog(dir);
    const bad = [
      record(1, { body: { blob: "x".repeat(300 * 1024) } }),
      record(2, { at: "yesterday" }),
      record(3, { body: { count: 1n as unknown as number } }),
    ];

    const results = await Promise.allSettled(
      [record(0), ...bad, record(4, { body: { absent: undefined as unknown as null } })].map(
        (each) => rig.log.append(each),
      ),
    );
    await rig.close();

    assert.deepEqual(
      results.map(({ status }) => status === "fulfilled"),
      [true, false, false, false, true],
    );
    assert.deepEqual(await verifyFolder(dir), { ok: true, entries: 2, checkpoints: 2 });
  });

  it("refuses records while the disk is full, takes them again after, and the chain has no gap", async () => {
    let free = 100 * MIB;
    const rig = await openLog(dir, () => free);
    await rig.log.append(record(0));
    free = MIB;
    const refused = await Promise.allSettled([1, 2, 3].map((tick) => rig.log.append(record(tick))));
    free = 100 * MIB;
    const index = await rig.log.append(record(4));
    await rig.close();

    for (const result of refused)
      assert.ok(result.status === "rejected" && result.reason instanceof StoreRefusal);
    assert.equal(index, 2);
    assert.deepEqual(await verifyFolder(dir), { ok: true, entries: 2, checkpoints: 2 });
  });

  it("finds what SQL does to the file: changed, deleted, swapped, inserted, cut off", async () => {
    await write(300);
    const attacks: [string, string, number, RegExp][] = [
      [
        "UPDATE entries SET body = replace(body, 'step 41', 'step 14') WHERE seq = 42",
        "UPDATE entries SET body = replace(body, 'step 14', 'step 41') WHERE seq = 42",
        42,
        /its hash does not fit/,
      ],
      [
        "UPDATE entries SET seq = seq + 10000 WHERE seq = 42",
        "UPDATE entries SET seq = 42 WHERE seq = 10042",
        42,
        /is missing/,
      ],
      [
        "UPDATE entries SET seq = CASE seq WHEN 42 THEN -1 ELSE -2 END WHERE seq IN (42, 43); UPDATE entries SET seq = 44 + seq WHERE seq < 0",
        "UPDATE entries SET seq = CASE seq WHEN 42 THEN -1 ELSE -2 END WHERE seq IN (42, 43); UPDATE entries SET seq = 44 + seq WHERE seq < 0",
        42,
        /it was entry 43/,
      ],
      [
        "INSERT INTO entries SELECT stream, 301, body FROM entries WHERE seq = 300",
        "DELETE FROM entries WHERE seq = 301",
        301,
        /behind the end/,
      ],
      ["DELETE FROM entries WHERE seq > 290", "", 291, /is missing/],
    ];

    for (const [attack, undo, index, why] of attacks) {
      sql(attack);
      const verdict = await verifyFolder(dir);
      assert.ok(!verdict.ok, attack);
      assert.equal(verdict.index, index, attack);
      assert.match(verdict.why, why);
      if (undo !== "") sql(undo);
    }
  });

  it("still shows after a restart and 300 more entries that the tail had been cut off", async () => {
    await write(10);
    sql("DELETE FROM entries WHERE seq > 7; UPDATE streams SET head = 7");

    const rig = await openLog(dir);
    const { damage } = rig.log;
    for (let tick = 0; tick < 300; tick++) void rig.log.append(record(tick));
    await rig.close();

    assert.equal(damage, "the audit log no longer has the entry 10 it ended with.");
    assert.deepEqual(await verifyFolder(dir), {
      ok: false,
      index: 10,
      why: "is not the one a checkpoint was signed for",
    });
  });

  it("mends a checkpoint that was torn, and writes the next on a line of its own", async () => {
    await write(3);
    appendFileSync(checkpointsFile(dir), '{"at":"2026');

    await write(3, 3);

    assert.deepEqual(await verifyFolder(dir), { ok: true, entries: 6, checkpoints: 3 });
  });
});
