import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  filesIn,
  finishWrite,
  type IntentFile,
  whyNoPath,
  writeIntent,
} from "../../src/control/intent-writer.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("files of intent", () => {
  let folder: ReturnType<typeof temporaryFolder>;

  beforeEach(() => {
    folder = temporaryFolder();
    mkdirSync(join(folder.dir, "shop"));
    writeFileSync(join(folder.dir, "shop/old.yaml"), "old");
    writeFileSync(join(folder.dir, "kept.yml"), "kept");
    writeFileSync(join(folder.dir, "edge.pem"), "certificate");
  });
  afterEach(() => folder.remove());

  const NEXT: readonly IntentFile[] = [
    { path: "kept.yml", text: "kept" },
    { path: "new/deep/a.yaml", text: "a" },
  ];

  it("are replaced as a whole; what is no intent stays", async () => {
    await writeIntent(folder.dir, NEXT);

    assert.deepEqual(await filesIn(folder.dir), NEXT);
    assert.equal(readFileSync(join(folder.dir, "edge.pem"), "utf8"), "certificate");
  });

  it("are finished by the next start when the process died after the journal, before the 1st file", async () => {
    writeFileSync(join(folder.dir, ".qmesh-apply.json"), JSON.stringify(NEXT));

    await finishWrite(folder.dir);

    assert.deepEqual(await filesIn(folder.dir), NEXT);
    assert.equal(existsSync(join(folder.dir, ".qmesh-apply.json")), false);
  });

  for (const path of ["../a.yaml", "/a.yaml", "a//b.yaml", ".a.yaml", "a/.b/c.yaml", "a.txt", ""])
    it(`cannot be named "${path}"`, () => assert.notEqual(whyNoPath(path), undefined));

  it("are not written through a link that leads out of the folder", async () => {
    const outside = temporaryFolder();
    symlinkSync(outside.dir, join(folder.dir, "link"));

    const written = writeIntent(folder.dir, [{ path: "link/a.yaml", text: "a" }]);

    await assert.rejects(written, /leads out of the folder/);
    assert.equal(existsSync(join(outside.dir, "a.yaml")), false);
    outside.remove();
  });
});
