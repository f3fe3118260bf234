import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import {
  filesIn,
  finishWrite,
  type IntentFile,
  whyNoPath,
  writeIntent,
} from "../../src/control/intent-writer.ts";

describe("files of intent", () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
    mkdirSync(join(folder, "shop"));
    writeFileSync(join(folder, "shop/old.yaml"), "old");
    writeFileSync(join(folder, "kept.yml"), "kept");
    writeFileSync(join(folder, "edge.pem"), "certificate");
  });

  const NEXT: readonly IntentFile[] = [
    { path: "kept.yml", text: "kept" },
    { path: "new/deep/a.yaml", text: "a" },
  ];

  it("are replaced as a whole; what is no intent stays", async () => {
    await writeIntent(folder, NEXT);

    assert.deepEqual(await filesIn(folder), NEXT);
    assert.equal(readFileSync(join(folder, "edge.pem"), "utf8"), "certificate");
  });

  it("are finished by the next start when the process died after the journal, before the 1st file", async () => {
    writeFileSync(join(folder, ".qmesh-apply.json"), JSON.stringify(NEXT));

    await finishWrite(folder);

    assert.deepEqual(await filesIn(folder), NEXT);
    assert.equal(existsSync(join(folder, ".qmesh-apply.json")), false);
  });

  for (const path of ["../a.yaml", "/a.yaml", "a//b.yaml", ".a.yaml", "a/.b/c.yaml", "a.txt", ""])
    it(`cannot be named "${path}"`, () => assert.notEqual(whyNoPath(path), undefined));

  it("are not written through a link that leads out of the folder", async () => {
    const outside = temporaryFolder();
    symlinkSync(outside, join(folder, "link"));

    const written = writeIntent(folder, [{ path: "link/a.yaml", text: "a" }]);

    await assert.rejects(written, /leads out of the folder/);
    assert.equal(existsSync(join(outside, "a.yaml")), false);
  });
});
