import assert from "node:assert/strict";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { fetchStatus } from "../../src/api/client.ts";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { renderStatus } from "../../src/cli/status-table.ts";
import { loadService } from "../../src/proto/service.ts";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";

type NodeDocument = StatusDocument["nodes"][number];

const REQUESTS = 2000;
const CSDS = "envoy.service.status.v3.ClientStatusDiscoveryService";
/** `ConfigStatus`. */
const SYNCED = 1;

interface StatusAnswer {
  readonly config: readonly {
    readonly node: { readonly id: string };
    readonly generic_xds_configs: readonly { type_url: string; config_status: number }[];
  }[];
}

type Fetch = (request: object, done: (error: Error | null, given: StatusAnswer) => void) => void;

describe("load reports and access logs of a real Envoy", () => {
  const mesh = new Mesh();
  let backend: Backend;
  let envoy: RunningEnvoy;
  let port: number;

  before(async () => {
    backend = await Backend.start("ok", { delayMs: 5 });
    mesh.writeIntent(shopIntent({ endpoints: { v1: [backend.port] }, mode: "off" }));
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1");
    port = await listenerPort(envoy, "edge_0");
    const one = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(await response.text(), "ok");
    };
    for (let sent = 0; sent < REQUESTS; sent += 50)
      await Promise.all(Array.from({ length: 50 }, one));
  });
  after(async () => {
    await mesh.stop();
    backend?.stop();
  });

  async function status(): Promise<StatusDocument> {
    const answer = await fetchStatus({ server: `127.0.0.1:${mesh.ports.http}` });
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value;
  }

  const node = (what: string, isThere: (node: NodeDocument) => boolean): Promise<NodeDocument> =>
    until(what, async () => (await status()).nodes.find((each) => isThere(each)));

  it(`counts all ${REQUESTS} requests of cluster shop.v1, none of them failed, in load reports`, async () => {
    const { loadReports } = await node("all load reports", ({ loadReports }) => {
      const load = loadReports?.loads.find(({ cluster }) => cluster === "shop.v1");
      return (load?.issued ?? 0) >= REQUESTS && load?.inflight === 0;
    });

    const load = loadReports?.loads.find(({ cluster }) => cluster === "shop.v1");
    assert.deepEqual([load?.issued, load?.succeeded, load?.failed], [REQUESTS, REQUESTS, 0]);
  });

  it("samples 1 % of the requests, with the time the backend took: at least its 5 ms", async () => {
    const logged = await until("every sampled entry to be written", async () => {
      const written = await envoyStat(envoy, "access_logs.grpc_access_log.logs_written");
      const { accessLog } = await node("a sample", (each) => each.accessLog !== undefined);
      const shop = accessLog?.clusters.find(({ cluster }) => cluster === "shop.v1");
      return shop !== undefined && shop.sampled === written ? shop : undefined;
    });

    // 20 are expected; a fair draw is outside 2 to 60 less often than once in 10 million runs.
    assert.ok(logged.sampled >= 2 && logged.sampled <= 60, `${logged.sampled} samples`);
    assert.equal(logged.failed, 0);
    assert.ok((logged.p50Ms ?? 0) >= 5, `p50 ${logged.p50Ms} ms`);
  });

  it("is SYNCED in all its 5 types for whoever asks by the client status discovery service", async () => {
    const { FetchClientStatus } = loadService(CSDS);
    assert.ok(FetchClientStatus);
    const Constructor = makeGenericClientConstructor({ FetchClientStatus }, "ClientStatus");
    const client = new Constructor(`127.0.0.1:${mesh.ports.xds}`, credentials.createInsecure());
    const answer = await new Promise<StatusAnswer>((resolve, reject) => {
      const { FetchClientStatus: fetch } = client as unknown as { FetchClientStatus: Fetch };
      fetch.call(client, {}, (error, given) => (error === null ? resolve(given) : reject(error)));
    });
    client.close();

    const [config, ...others] = answer.config;
    assert.equal(others.length, 0);
    assert.equal(config?.node.id, "edge-1");
    const all = config?.generic_xds_configs ?? [];
    assert.equal(new Set(all.map(({ type_url }) => type_url)).size, 5);
    assert.deepEqual(new Set(all.map(({ config_status }) => config_status)), new Set([SYNCED]));
  });

  it("shows the age of all three sources of the node", async () => {
    assert.match(
      renderStatus(await status(), "wide"),
      /^NODE +METRICS +LOAD REPORT +ACCESS LOG\nedge-1 +\d+\.\d s +\d+\.\d s +\d+\.\d s$/m,
    );
  });
});
