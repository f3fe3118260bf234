import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { type BootstrapOptions, buildBootstrap } from "../../src/cli/bootstrap.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";

const EDGE: BootstrapOptions = {
  id: "edge-1",
  role: { role: "gateway", name: "edge" },
  xds: { host: "127.0.0.1", port: 18000 },
  rateLimit: { host: "127.0.0.1", port: 18001 },
  admin: { port: 0 },
};

describe("bootstrap in a real Envoy", () => {
  let folder: string;
  let envoy: string;

  before(async () => {
    envoy = await envoyPath();
    folder = temporaryFolder();
  });

  function validate(options: BootstrapOptions): string {
    const file = join(folder, "bootstrap.json");
    writeFileSync(file, JSON.stringify(buildBootstrap(options)));
    const flags = ["--mode", "validate", "--config-path", file];
    const { status, stderr } = spawnSync(envoy, flags, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stderr;
  }

  it("runs in version 1.40", () => {
    assert.match(execFileSync(envoy, ["--version"], { encoding: "utf8" }), /\/1\.40\.\d+\//);
  });

  for (const [what, more] of [
    ["with nothing but what is needed", {}],
    [
      "with a locality and a heap of 1 GiB",
      { locality: { region: "eu", zone: "a" }, maxHeapBytes: 2 ** 30 },
    ],
    [
      "of a sidecar that balances by zone",
      {
        role: { role: "sidecar", service: "checkout" },
        locality: { region: "eu", zone: "a" },
      },
    ],
    ["with a control plane by name", { xds: { host: "localhost", port: 18000 } }],
  ] as const) {
    it(`is accepted without a warning ${what}`, () => {
      assert.doesNotMatch(validate({ ...EDGE, ...more }), /\[warning\]|deprecated/);
    });
  }
});
