import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { supportedKinds } from "../../src/policy/kinds.ts";
import { projectRoot } from "../support/project-root.ts";

const run = promisify(execFile);

describe("qmesh schema", () => {
  it(`prints the JSON Schema of ${Object.keys(supportedKinds).length} kinds whole through a pipe, though it is above 64 KiB`, async () => {
    const main = join(projectRoot, "dist/src/main.js");
    const { stdout } = await run(process.execPath, [main, "schema"], { maxBuffer: 2 ** 24 });

    assert.ok(stdout.length > 65_536, `${stdout.length} bytes`);
    assert.equal(JSON.parse(stdout).oneOf.length, Object.keys(supportedKinds).length);
  });
});
