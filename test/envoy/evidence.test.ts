import assert from "node:assert/strict";
import { fetchProxies, fetchStatus } from "../../src/api/client.ts";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { renderProxies, renderStatus } from "../../src/cli/status-table.ts";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import { envoyStat, kill, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { runQmesh } from "../support/run-cli.ts";
import { ask, startTraffic } from "../support/traffic.ts";

type Decision = StatusDocument["decisions"][number];

describe("evidence from a real Envoy", () => {
  let mesh: Mesh;
  let backend: Backend;
  let envoy: RunningEnvoy;
  let port: number;

  before(async () => {
    mesh = new Mesh();
    backend = await Backend.start("v1", { delayMs: 10 });
    mesh.writeIntent(
      shopIntent({ endpoints: { v1: [backend.port] }, limit: { min: 2, max: 4, initial: 3 } }),
    );
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1");
    port = await listenerPort(envoy, "edge_0");
    await until("a first 200", async () => ((await ask(port)).status === "200" ? true : undefined));
  });
  after(async () => {
    await mesh.stop();
    backend.stop();
  });

  const server = () => `127.0.0.1:${mesh.ports.http}`;

  async function status(): Promise<StatusDocument> {
    const answer = await fetchStatus({ server: server() });
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value;
  }

  /** The decision of scope shop on edge-1, once it has the state. */
  function decision(state: Decision["state"]): Promise<Decision> {
    return until(`the state ${state}`, async () =>
      (await status()).decisions.find((each) => each.node === "edge-1" && each.state === state),
    );
  }

  it("calls a scope saturated under twice the load its limit of 4 holds, with the numbers Envoy counts, and taps 5 of its requests", async () => {
    const traffic = startTraffic(port, 8);
    const saturated = await decision("saturated");
    const tapped = await runQmesh("tap", "-n", "5", "-o", "json", "--server", server());
    const outcome = await traffic.stop();

    assert.match(saturated.why, /^Shedding shop on edge-1 is saturated: \d+ of \d+ requests\/s/);
    assert.equal(tapped.code, 0, tapped.stderr);
    const rows = tapped.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(rows.length, 5);
    for (const { node, cluster, status } of rows)
      assert.equal(`${node} ${status}`, `edge-1 ${cluster === "shop.v1" ? 200 : 429}`);
    const limit = saturated.evidence.scope?.limit ?? 0;
    assert.ok(limit >= 2 && limit <= 4, `limit ${limit}`);
    const shed = await until("the count Envoy itself has", async () => {
      const own = await envoyStat(envoy, "wasmcustom.qmesh.shop.tier.default.shed");
      const [scope] = (await status()).nodes[0]?.evidence?.scopes ?? [];
      const seen = scope?.tiers.find(({ tier }) => tier === "default");
      return seen !== undefined && seen.shed === own ? own : undefined;
    });
    assert.equal(shed, outcome.byStatus.get("429"));
  });

  it("shows the cluster shop.v1 by its own name and the scope as idle once the load is gone", async () => {
    const idle = await decision("idle");

    assert.match(idle.reason, /^no request in the last \d(\.\d)? s$/);
    const names = (await status()).nodes[0]?.evidence?.clusters.map(({ cluster }) => cluster);
    assert.deepEqual(names, ["qmesh_xds", "shop.v1"]);
  });

  it("has what /metrics and both tables show", async () => {
    const proxies = await fetchProxies({ server: server() });
    assert.ok(proxies.ok);
    const metrics = await (await fetch(`http://${server()}/metrics`)).text();

    assert.match(
      renderProxies(proxies.value, "table"),
      /^edge-1 +gateway\/edge +yes( +SYNCED){5}$/m,
    );
    assert.match(renderStatus(await status(), "table"), /^edge-1 +shop +idle/m);
    assert.match(
      metrics,
      /^qmesh_tier_requests_total\{node="edge-1",scope="shop",tier="default",verdict="shed"\} [1-9]/m,
    );
    assert.match(metrics, /^qmesh_node_connected\{node="edge-1"\} 1$/m);
  });

  it("has the time of every one of 300 requests once, in buckets of which none is below 0", async () => {
    const timed = async () => {
      const { items } = (await (
        await fetch(`http://127.0.0.1:${mesh.ports.http}/v1/services`)
      ).json()) as { items: { histogram?: { toMs?: number; requests: number }[] }[] };
      return items[0]?.histogram ?? [];
    };
    const sum = (buckets: readonly { requests: number }[]) =>
      buckets.reduce((all, { requests }) => all + requests, 0);
    const before = sum(await timed());
    for (let i = 0; i < 300; i++) assert.equal((await ask(port)).status, "200");

    const buckets = await until("300 more times", async () => {
      const now = await timed();
      return sum(now) >= before + 300 ? now : undefined;
    });
    assert.equal(sum(buckets), before + 300);
    assert.deepEqual(
      buckets.filter(({ requests }) => requests < 0),
      [],
    );
  });

  it("is late, then blind, when Envoy dies, and keeps the last limit; a new Envoy counts from 0", async () => {
    await kill(envoy.child);

    assert.match((await decision("late")).reason, /^the last report is \d(\.\d)? s old$/);
    const blind = await decision("blind");
    assert.match(blind.why, /is blind: no report for \d+(\.\d)? s\. Whether requests are answered/);
    assert.ok((blind.evidence.scope?.limit ?? 0) >= 2);

    envoy = await mesh.startEnvoy("edge-1");
    port = await listenerPort(envoy, "edge_0");
    await until("a first 200", async () => ((await ask(port)).status === "200" ? true : undefined));
    await until("evidence in time", async () =>
      (await status()).nodes[0]?.evidence?.state === "ok" ? true : undefined,
    );
    const admitted = await until("the new count", async () => {
      const [scope] = (await status()).nodes[0]?.evidence?.scopes ?? [];
      const tier = scope?.tiers.find((each) => each.tier === "default");
      return tier !== undefined && tier.admitted < 10 ? tier : undefined;
    });
    assert.ok(admitted.admittedRps < 10, `${admitted.admittedRps}/s after a restart`);
  });
});
