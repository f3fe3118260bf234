import assert from "node:assert/strict";
import { fuzzFilter } from "../support/fuzz/fuzz-filter.ts";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";

const CALLS = 2_000_000;
const SEED = Number(process.env.QMESH_SEED ?? Math.floor(performance.timeOrigin) % 2147483647);

describe("filter fuzz", () => {
  it(`bears ${CALLS} callbacks in any order with any headers and configurations (seed ${SEED})`, function () {
    this.timeout(180_000);
    let calls = 0;
    for (let life = 0; calls < CALLS; life++) calls += fuzzFilter(SEED + life);
  });

  it("grows by no byte for 100,000 tenants", () => {
    const envoy = new FakeEnvoy(config(scope({ tenant: { header: "x-tenant" } })));
    envoy.serve();
    const before = envoy.worker.memoryBytes;
    for (let i = 0; i < 100_000; i++) {
      envoy.serve({ headers: [["x-tenant", `t${i}`]] }, 0.01);
      if (i % 1000 === 0) envoy.tick();
    }

    assert.equal(envoy.worker.memoryBytes, before);
    assert.equal(envoy.value("shop.inflight"), 0);
  });
});
