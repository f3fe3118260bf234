import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { besideReader } from "../../src/control/beside-file.ts";
import { formatProblem } from "../../src/policy/format.ts";
import { parseForUse } from "../../src/policy/parse-for-use.ts";

const root = new URL("../../../examples/", import.meta.url);
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function readExample(name: string): { file: string; text: string }[] {
  const folder = new URL(`${name}/`, root);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => new URL(file, folder))
    .map((url) => ({ file: fileURLToPath(url), text: readFileSync(url, "utf8") }));
}

describe("examples", () => {
  it("has at least 4 folders", () => {
    assert.ok(folders.length >= 4, folders.join());
  });

  for (const folder of folders) {
    it(`${folder} has a README and loads with 0 problems`, () => {
      const files = readExample(folder);
      const parsed = parseForUse(files, besideReader());

      assert.ok(files.length > 0);
      assert.deepEqual(parsed.problems.map(formatProblem), []);
      assert.equal(parsed.ok, true);
      assert.match(readFileSync(new URL(`${folder}/README.md`, root), "utf8"), /^# /);
    });
  }
});
