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

  it("prints for --node sidecar/checkout its 2 listeners, its instance and the 1 service it calls", () => {
    const printed = run("--node", "sidecar/checkout");

    const names = (type: string) =>
      printed.filter(({ typeUrl }) => typeUrl.endsWith(`.${type}`)).map(({ name }) => name);
    assert.deepEqual(names("Listener"), ["checkout_inbound_15006", "checkout_outbound_15001"]);
    assert.deepEqual(names("Cluster"), ["ledger.v1", "checkout_app"]);
  });

  it("prints for --locality eu/a the 6 sidecars of shop in eu, and search balanced by zone", () => {
    const folder = join(projectRoot, "examples/failover");
    const printed = run("-f", folder, "--node", "sidecar/shop", "--locality", "eu/a");

    const local = printed.find(({ name }) => name === "shop_local");
    const search = printed.find(({ name }) => name === "search.v1");
    assert.equal(JSON.stringify(local).match(/"endpoint":/g)?.length, 6);
    assert.match(JSON.stringify(search), /zone_aware_lb_config/);
  });

  for (const [node, sentence] of [
    ["checkout", /checkout is no node; write gateway\/NAME or sidecar\/SERVICE/],
    [
      "sidecar/edge",
      /no node sidecar\/edge in the intent; there is gateway\/edge, sidecar\/checkout/,
    ],
  ] as const) {
    it(`refuses --node ${node} with what there is`, () => {
      assert.throws(() => run("--node", node), { status: 2, stderr: sentence });
    });
  }
});

function run(...words: string[]): { typeUrl: string; name: string }[] {
  const printed = execFileSync(
    process.execPath,
    [
      join(projectRoot, "dist/src/main.js"),
      ...["translate", "-f", join(projectRoot, "examples/sidecars"), "-o", "json", ...words],
    ],
    { stdio: "pipe", encoding: "utf8" },
  );
  return JSON.parse(printed);
}
