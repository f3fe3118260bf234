import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type FilterEnvoy, startFilterEnvoy } from "../support/faults/filter-envoy.ts";
import { poison } from "../support/faults/poison.ts";
import { envoyStat, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

/** What the filter bears on a real Envoy; `npm run faults` prints the figures and runs longer. */
const FOUR = { min: 4, max: 4, initial: 4 };

describe("faults on a real Envoy", () => {
  let mesh: FilterEnvoy | undefined;

  afterEach(async () => {
    await mesh?.stop();
    mesh = undefined;
  });

  for (const concurrency of [1, 2, 4]) {
    it(`counts 300 requests at once as 300 admitted, 300 ended and 0 in flight with ${concurrency} workers`, async () => {
      const limit = { min: 1000, max: 1000, initial: 1000 };
      mesh = await startFilterEnvoy({ concurrency, limit, serviceMs: 100 });
      const { port, envoy } = mesh;
      const stat = async (name: string) =>
        (await envoyStat(envoy, `wasmcustom.qmesh.shop.${name}`)) ?? 0;

      await Promise.all(Array.from({ length: 300 }, () => ask(port)));
      await until("none in flight, and the tick that tells of the last admitted", async () =>
        (await stat("inflight")) === 0 && (await stat("tier.default.admitted")) === 300
          ? true
          : undefined,
      );
      assert.equal((await stat("completed")) + (await stat("lost")), 300);
    });
  }

  it("of 25 requests that trap the filter in 5 s, none makes it shed one of 1000 good ones, and each costs 10 at most", async () => {
    const { good, lost, poison: traps, statuses } = await poison({ seconds: 5, serviceMs: 20 });

    const shown = JSON.stringify([...statuses]);
    assert.ok(good > 900 && traps > 20, `${good} good, ${traps} traps`);
    assert.equal(statuses.get("429") ?? 0, 0, shown);
    assert.equal(lost, statuses.get("503") ?? 0, shown);
    assert.ok(lost <= 10 * traps, shown);
  });

  it("sheds by each worker's own count where a stats_matcher hides its gauges, says so, and is back at once", async () => {
    const patterns = [{ prefix: "wasmcustom.qmesh" }];
    const stats_config = { stats_matcher: { exclusion_list: { patterns } } };
    mesh = await startFilterEnvoy({ limit: FOUR, serviceMs: 200, bootstrap: { stats_config } });
    const { port, logFile, envoy } = mesh;

    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await ask(port)).status),
    );
    const count = (status: string) => statuses.filter((other) => other === status).length;
    assert.equal(count("200") + count("429"), 100, statuses.join());
    assert.ok(count("200") >= 4 && count("429") >= 50, statuses.join());
    for (let i = 0; i < 20; i++) assert.equal((await ask(port)).status, "200");
    assert.equal(await envoyStat(envoy, "wasmcustom.qmesh.shop.inflight"), undefined);
    assert.match(readFileSync(logFile, "utf8"), /the host keeps no qmesh metrics/);
  });

  it("bears 50 kB of header, path and tenant and 90 headers, 50 times each: all are answered, none in flight, no VM anew", async () => {
    mesh = await startFilterEnvoy({ serviceMs: 0, scope: { tenant: { header: "x-tenant" } } });
    const { port, envoy } = mesh;
    const long = "a".repeat(50_000);
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`x-${i}`, `${i}`]));
    const bombs = [
      { headers: { "x-tenant": long } },
      { headers: { "x-criticality": long } },
      { headers: { "x-qmesh-tier": `${long};5` } },
      { headers: { "x-request-id": long, "grpc-timeout": "9".repeat(5000) } },
      { path: `/${long}` },
      { headers: many },
    ];

    for (const bomb of bombs) {
      for (let i = 0; i < 50; i++) assert.match((await ask(port, bomb)).status, /^(200|431)$/);
    }
    await until("none in flight", async () =>
      (await envoyStat(envoy, "wasmcustom.qmesh.shop.inflight")) === 0 ? true : undefined,
    );
    assert.equal((await ask(port)).status, "200");
    assert.equal(await envoyStat(envoy, "wasmcustom.qmesh.filter.internal_error"), 0);
    assert.equal(await envoyStat(envoy, "wasm.qmesh.shedding.vm_reload_success"), 0);
  });
});
