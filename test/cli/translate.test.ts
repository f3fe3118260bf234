import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { EXTENSION_CONFIG_TYPE } from "../../src/proto/type-url.ts";
import { projectRoot } from "../support/project-root.ts";

describe("qmesh translate", () => {
  it("prints the filter's configuration for people beside the bytes Envoy gets", () => {
    const printed = execFileSync(process.execPath, [
      join(projectRoot, "dist/src/main.js"),
      ...["translate", "-f", join(projectRoot, "examples/quick-start"), "-o", "json"],
    ]);

    const resources = JSON.parse(printed.toString()) as {
      typeUrl: string;
      filterConfig?: { scopes: { name: string; mode: string; tiers: { name: string }[] }[] };
    }[];
    const configs = resources.filter(({ filterConfig }) => filterConfig !== undefined);
    assert.deepEqual(
      configs.map(({ typeUrl }) => typeUrl),
      [EXTENSION_CONFIG_TYPE],
    );
    const [scope] = configs[0]?.filterConfig?.scopes ?? [];
    assert.equal(scope?.mode, "ENFORCE");
    assert.deepEqual(
      scope?.tiers.map(({ name }) => name),
      ["critical", "default", "sheddable"],
    );
  });
});
