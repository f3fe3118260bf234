import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import { getJson, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";
import { ask } from "../support/traffic.ts";

/** A change that Envoy refuses though nothing is wrong with its words: an address that no machine here has. */
const ELSEWHERE = "203.0.113.1";

describe("a change that real Envoys refuse", () => {
  let mesh: Mesh;
  let backend: Backend;

  beforeEach(async () => {
    mesh = new Mesh();
    backend = await Backend.start("shop");
    mesh.writeIntent(intent("127.0.0.1"));
    await mesh.startServe();
  });
  afterEach(async () => {
    await mesh.stop();
    backend.stop();
  });

  function intent(address: string): string {
    const good = shopIntent({ endpoints: { v1: [backend.port] } });
    return good.replace("value: 127.0.0.1", `value: ${address}`);
  }

  async function status(): Promise<StatusDocument> {
    return (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as StatusDocument;
  }

  async function listenerStates(): Promise<Record<string, string | undefined>> {
    const { nodes } = await status();
    return Object.fromEntries(
      nodes.map(({ id, types }) => [id, types.find(({ type }) => type === "LDS")?.state]),
    );
  }

  async function serves(envoy: RunningEnvoy): Promise<void> {
    const port = await listenerPort(envoy, "edge_0");
    await until("200", async () => (await ask(port)).status === "200");
  }

  it("statement 6, 35, 57 (D): is shown by its document and in Envoy's words; 2 Envoys and a third that comes later serve the last good one", async () => {
    const [one, two] = [await mesh.startEnvoy("edge-1"), await mesh.startEnvoy("edge-2")];
    await serves(one);
    await serves(two);
    mesh.writeIntent(intent(ELSEWHERE));
    const [withheld] = await until("the verdict", async () => {
      const { withheld: all = [] } = await status();
      return all.length === 0 ? undefined : all;
    });
    assert.ok(withheld);

    const { role, type, resource, message, hasLastGood, documents } = withheld;
    assert.deepEqual([role, type, resource, hasLastGood], ["gateway/edge", "LDS", "edge_0", true]);
    assert.match(message, /cannot bind '203\.0\.113\.1:0'/);
    const file = join(mesh.folder, "intent.yaml");
    assert.deepEqual(documents, [{ document: "Gateway/edge", file, line: 4 }]);

    const late = await mesh.startEnvoy("edge-3");
    for (const envoy of [one, two, late]) await serves(envoy);
    const states = await listenerStates();
    assert.equal(states[withheld.node], "REJECTED");
    assert.equal(states["edge-3"], "STALE");
    const main = join(projectRoot, "dist/src/main.js");
    const server = `http://127.0.0.1:${mesh.ports.http}`;
    const { stdout, status: code } = spawnSync(process.execPath, [
      main,
      "status",
      "--server",
      server,
    ]);
    assert.match(
      stdout.toString(),
      /gateway\/edge is kept from LDS edge_0 from Gateway\/edge \(\S+intent\.yaml:4\), which edge-\d refused: .*cannot bind .*\(the last good one stays\)/,
    );
    assert.notEqual(code, 0);
    const metrics = await (await fetch(`${server}/metrics`)).text();
    assert.match(
      metrics,
      /^qmesh_xds_withheld\{role="gateway\/edge",type="LDS",resource="edge_0",document="Gateway\/edge"\} 1$/m,
    );

    mesh.writeIntent(intent("127.0.0.1").replace("initial: 16", "initial: 17"));
    await until("all in sync", async () =>
      Object.values(await listenerStates()).every((state) => state === "SYNCED"),
    );
    assert.deepEqual((await status()).withheld, []);
  });
});
