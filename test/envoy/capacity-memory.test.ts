import assert from "node:assert/strict";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import { envoyStat, getJson, kill, listenerPort, Mesh, until } from "../support/mesh.ts";
import { startTraffic } from "../support/traffic.ts";

const LIMIT = "wasmcustom.qmesh.shop.limit";

describe("capacity memory with a real Envoy", () => {
  let mesh: Mesh;
  let backend: Backend;

  beforeEach(async () => {
    mesh = new Mesh();
    backend = await Backend.start("v1", { delayMs: 50 });
    mesh.writeIntent(shopIntent({ endpoints: { v1: [backend.port] } }));
    await mesh.startServe();
  });
  afterEach(async () => {
    await mesh.stop();
    backend.stop();
  });

  it("starts a new Envoy at the limit the old one found for 60 requests in flight, not at 16", async () => {
    const first = await mesh.startEnvoy("edge-1");
    const traffic = startTraffic(await listenerPort(first, "edge_0"), 60);
    const learned = await until("a limit above 100", async () => {
      const limit = await envoyStat(first, LIMIT);
      return limit !== undefined && limit > 100 ? limit : undefined;
    });
    await until("the control plane to have heard it", async () => {
      const { nodes } = (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as {
        nodes: { evidence?: { scopes: { limit: number; completedRps: number }[] } }[];
      };
      const scope = nodes[0]?.evidence?.scopes[0];
      // A rate takes two reports.
      return scope !== undefined && scope.limit > 100 && scope.completedRps > 0 ? true : undefined;
    });
    await kill(first.child);
    await traffic.stop();

    const second = await mesh.startEnvoy("edge-1");
    const port = await listenerPort(second, "edge_0");
    const again = startTraffic(port, 1);
    const limit = await until("a limit", async () => (await envoyStat(second, LIMIT)) || undefined);
    await again.stop();

    assert.ok(limit > 60 && limit < 3 * learned, `${limit} after ${learned}`);
  });
});
