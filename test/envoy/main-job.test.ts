import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import {
  envoyStat,
  getJson,
  kill,
  listenerPort,
  Mesh,
  type RunningEnvoy,
  until,
} from "../support/mesh.ts";
import { ask, failures, startTraffic } from "../support/traffic.ts";

const LISTENER = "edge_0";
/** The least limit is what the test itself sends at once: what fails here is no overload of this machine. */
const CLIENTS = 8;
const LIMIT = { min: CLIENTS, max: 1000, initial: 16 };

describe("the main job on a real Envoy", () => {
  let mesh: Mesh;
  let v1: Backend;
  let v2: Backend;

  beforeEach(async () => {
    mesh = new Mesh();
    v1 = await Backend.start("v1", { delayMs: 5 });
    v2 = await Backend.start("v2", { delayMs: 5 });
    mesh.writeIntent(shop());
    await mesh.startServe();
  });
  afterEach(async () => {
    await mesh.stop();
    v1.stop();
    v2.stop();
  });

  function shop(weights: Record<string, number> = { v1: 100, v2: 0 }, more = {}): string {
    return shopIntent({
      endpoints: { v1: [v1.port], v2: [v2.port] },
      weights,
      limit: LIMIT,
      ...more,
    });
  }

  async function served(envoy: RunningEnvoy): Promise<number> {
    const port = await listenerPort(envoy, LISTENER);
    await until("a first 200", async () => ((await ask(port)).status === "200" ? true : undefined));
    return port;
  }

  it("goes from nothing to the first 200 over delta ADS, in all 5 types", async () => {
    const envoy = await mesh.startEnvoy("edge-1");

    const port = await served(envoy);

    assert.equal((await ask(port)).body, "v1");
    const row = await until("all types in sync", async () => {
      const { nodes } = (await getJson(
        `http://127.0.0.1:${mesh.ports.http}/proxies`,
      )) as ProxiesDocument;
      const types = nodes.find(({ id }) => id === "edge-1")?.types ?? [];
      return types.length === 5 && types.every(({ state }) => state === "SYNCED")
        ? types
        : undefined;
    });
    assert.equal(row.length, 5);
  });

  it("moves a route from version v1 to v2 under load with 0 failed requests", async () => {
    const port = await served(await mesh.startEnvoy("edge-1"));
    const traffic = startTraffic(port, CLIENTS);
    await until("traffic on v1", () => (traffic.outcome.total > 200 ? true : undefined));

    mesh.writeIntent(shop({ v1: 0, v2: 100 }));
    await until("only v2 answers", async () =>
      (await ask(port)).body === "v2" ? true : undefined,
    );
    const seen = traffic.outcome.total;
    await until("more traffic", () => (traffic.outcome.total > seen + 200 ? true : undefined));

    const outcome = await traffic.stop();
    assert.equal(failures(outcome), 0, JSON.stringify([...outcome.byStatus]));
    assert.ok((outcome.byBody.get("v2") ?? 0) > 100);
  });

  it("takes 60 filter configurations under load with 0 failed requests and keeps the learned limit", async () => {
    const envoy = await mesh.startEnvoy("edge-1");
    const port = await served(envoy);
    const traffic = startTraffic(port, CLIENTS);
    const limit = () => envoyStat(envoy, "wasmcustom.qmesh.shop.limit");
    const learned = await until("a learned limit", async () => {
      const value = await limit();
      return value !== undefined && value !== 16 && value > 0 && traffic.outcome.total > 500
        ? value
        : undefined;
    });
    const before = (await envoyStat(envoy, "listener_manager.listener_modified")) ?? 0;

    for (let push = 0; push < 60; push++) {
      mesh.writeIntent(shop(undefined, { limit: { ...LIMIT, max: 900 + push, initial: 777 } }));
      const reloads = push + 2;
      await until(`push ${push}`, async () => {
        const count = await envoyStat(
          envoy,
          `extension_config_discovery.http_filter.qmesh.shedding.config_reload`,
        );
        return count !== undefined && count >= reloads ? true : undefined;
      });
    }

    const outcome = await traffic.stop();
    const after = (await limit()) ?? 0;
    assert.equal(failures(outcome), 0, JSON.stringify([...outcome.byStatus]));
    assert.equal(await envoyStat(envoy, "listener_manager.listener_modified"), before);
    assert.ok(
      after < 200 && after > learned / 4,
      `limit went from ${learned} to ${after}, initial is 777`,
    );
  });

  it("shows a listener Envoy refuses with Envoy's reason, resends nothing, and the rest converges", async () => {
    const envoy = await mesh.startEnvoy("edge-1");
    const port = await served(envoy);
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const taken = (squatter.address() as { port: number }).port;

    const listeners = `listeners: [{name: http, protocol: HTTP, port: 0}, {name: taken, protocol: HTTP, port: ${taken}}]`;
    mesh.writeIntent(shop({ v1: 0, v2: 100 }).replace(/listeners: \[.*\]/, listeners));

    const refused = await until("the refusal", async () => {
      const { nodes } = (await getJson(
        `http://127.0.0.1:${mesh.ports.http}/proxies`,
      )) as ProxiesDocument;
      return nodes[0]?.types.find(({ state }) => state === "REJECTED");
    });
    assert.match(JSON.stringify(refused), /Address already in use/);
    await until("the new weights", async () =>
      (await ask(port)).body === "v2" ? true : undefined,
    );
    const rejected = await envoyStat(envoy, "listener_manager.lds.update_rejected");
    assert.ok(rejected !== undefined && rejected <= 2, `${rejected} rejected updates`);
    squatter.close();
  });

  it("serves without a control plane: SIGKILL and restart under load, 0 failed, 0 updates", async () => {
    const envoy = await mesh.startEnvoy("edge-1");
    const port = await served(envoy);
    const traffic = startTraffic(port, CLIENTS);
    const updates = async () =>
      Promise.all(
        [
          "cluster_manager.cds.update_success",
          "listener_manager.lds.update_success",
          "cluster_manager.cluster_modified",
        ].map(async (name) => (await envoyStat(envoy, name)) ?? 0),
      );
    const reloads = () =>
      envoyStat(envoy, "extension_config_discovery.http_filter.qmesh.shedding.config_reload");
    const before = [...(await updates()), await reloads()];

    await mesh.killServe();
    const seen = traffic.outcome.total;
    await until("200 more requests without control plane", () =>
      traffic.outcome.total > seen + 200 ? true : undefined,
    );
    await mesh.startServe();
    await until("Envoy to be back", async () => {
      const { nodes } = (await getJson(
        `http://127.0.0.1:${mesh.ports.http}/proxies`,
      )) as ProxiesDocument;
      const types = nodes[0]?.types ?? [];
      return types.length === 5 && types.every(({ state }) => state === "SYNCED")
        ? true
        : undefined;
    });

    const outcome = await traffic.stop();
    assert.equal(failures(outcome), 0, JSON.stringify([...outcome.byStatus]));
    const [, , modified, reloaded] = [...(await updates()), await reloads()];
    assert.deepEqual([modified, reloaded], [before[2], before[3]]);
  });

  it("brings a restarted Envoy to the same configuration", async () => {
    const first = await mesh.startEnvoy("edge-1");
    await served(first);
    await kill(first.child);
    mesh.writeIntent(shop({ v1: 0, v2: 100 }));

    const port = await served(await mesh.startEnvoy("edge-1"));

    await until("the newest weights", async () =>
      (await ask(port)).body === "v2" ? true : undefined,
    );
  });

  it("keeps serving the last good intent when a file goes bad, and shows the problem", async () => {
    const port = await served(await mesh.startEnvoy("edge-1"));

    mesh.writeIntent("kind: Servce\n", "bad.yaml");

    const problem = await until("the problem", async () => {
      const status = (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as {
        intent: { problems: { file: string; line: number }[] };
      };
      return status.intent.problems.find(({ file }) => file.endsWith("bad.yaml"));
    });
    assert.equal(problem.line, 1);
    assert.equal((await ask(port)).status, "200");
  });

  it("counts a request without a tier header to the tier `default`", async () => {
    const envoy = await mesh.startEnvoy("edge-1");
    const port = await served(envoy);

    for (let i = 0; i < 10; i++) await ask(port);

    const count = await until("the count", async () => {
      const value = await envoyStat(envoy, "wasmcustom.qmesh.shop.tier.default.admitted");
      return value !== undefined && value >= 10 ? value : undefined;
    });
    assert.ok(count >= 10);
    assert.equal((await envoyStat(envoy, "wasmcustom.qmesh.shop.tier.critical.admitted")) ?? 0, 0);
  });
});

interface ProxiesDocument {
  readonly nodes: readonly {
    readonly id: string;
    readonly types: readonly { readonly type: string; readonly state: string }[];
  }[];
}
