import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { openForWriting } from "../../src/store/database.ts";
import { record } from "../audit/records.ts";
import { openLog } from "../audit/rig.ts";
import { projectRoot } from "../support/project-root.ts";

describe("qmesh audit", () => {
  let folder: string;
  let data: string;

  before(async () => {
    folder = temporaryFolder();
    data = join(folder, "state");
    mkdirSync(data);
    const rig = await openLog(data);
    await Promise.all(Array.from({ length: 20 }, (_, i) => rig.log.append(record(i))));
    await rig.close();
  });

  const qmesh = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(projectRoot, "dist/src/main.js"), ...words],
      { encoding: "utf8" },
    );
    return { status, stdout, stderr };
  };

  it("verifies a folder while its control plane writes: exit 0 and how many entries", async () => {
    const rig = await openLog(data);

    const result = qmesh("audit", "verify", "--data", data);
    await rig.close();

    assert.deepEqual(result, {
      status: 0,
      stdout: "",
      stderr: "20 entries, 2 signed words about them: all as written.\n",
    });
  });

  it("exports every entry as a line of JSON", () => {
    const { status, stdout } = qmesh("audit", "export", "--data", data);

    const entries = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(status, 0);
    assert.deepEqual(
      entries.map(({ index, record: { id } }) => `${index} ${id}`),
      Array.from({ length: 20 }, (_, i) => `${i + 1} d-${i}`),
    );
  });

  it("prints the postmortem of a record, and says of another that it is not there", () => {
    const found = qmesh("postmortem", "d-7", "--data", data);
    const missing = qmesh("postmortem", "d-77", "--data", data);

    assert.equal(found.status, 0);
    assert.match(found.stdout, /^# Postmortem of d-7\n/);
    assert.match(found.stdout, /- 12:00:07 d-7, Rollout\/checkout: step 7\.\n/);
    assert.deepEqual(missing, {
      status: 1,
      stdout: "",
      stderr: `d-77: is not in the audit log of ${data}: name a decision, an action or another record.\n`,
    });
  });

  it("finds the log by QMESH_DATA, as orders find their token", () => {
    const env = { ...process.env, QMESH_DATA: data };
    const words = [join(projectRoot, "dist/src/main.js"), "postmortem", "d-7"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", env });

    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("names the entry that was changed: exit 1", () => {
    const { db, lock } = openForWriting(data);
    db.exec("UPDATE entries SET body = replace(body, 'step 12', 'step 13') WHERE seq = 13");
    db.close();
    lock.exec("ROLLBACK");
    lock.close();

    assert.deepEqual(qmesh("audit", "verify", "--data", data), {
      status: 1,
      stdout: "",
      stderr: "entry 13: is not what was written: its hash does not fit.\n",
    });
  });

  it("says in one sentence what is missing: no key, no store, no key in the file", () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const text = join(folder, "text");
    writeFileSync(text, "not a key");

    const [noKey, noStore, notKey] = [
      qmesh("audit", "verify", "--data", empty),
      qmesh("audit", "export", "--data", empty),
      qmesh("audit", "verify", "--data", data, "--key", text),
    ];

    assert.equal(
      noKey.stderr,
      `${empty}/audit-key.pub: is not there: name the audit-key.pub of the control plane that wrote the log.\n`,
    );
    assert.match(
      noStore.stderr,
      /^\S+state\.db: is not there: name the data folder of a control plane\.\n$/,
    );
    assert.match(notKey.stderr, /^\S+text: is no public Ed25519 key \(.*\): name .*\n$/);
    assert.deepEqual([noKey.status, noStore.status, notKey.status], [1, 1, 1]);
  });
});
