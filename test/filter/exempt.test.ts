import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import { MetricStore } from "../support/wasm-host/metric-store.ts";
import type { StreamInput } from "../support/wasm-host/stream.ts";

const HEALTH: StreamInput = { headers: [[":path", "/healthz"]] };

function envoyWithLimit(limit: number, workers = 1): FakeEnvoy {
  const exempt = [{ path: { type: "EXACT", value: "/healthz" } }];
  const bounds = { min: limit, max: limit, initial: limit };
  return new FakeEnvoy(config(scope({ exempt, limit: bounds })), new MetricStore(), workers);
}

/** How many of 100 health checks at once pass while everything else is shed. */
function passed(envoy: FakeEnvoy): number {
  envoy.overload();
  const workers = envoy.workers.length;
  const streams = Array.from({ length: 100 }, (_, i) => envoy.open(HEALTH, i % workers));
  return streams.filter((stream) => stream.request()).length;
}

describe("filter exemption", () => {
  it("holds for 4 health checks at once at a limit of 100, for 20 at one of 1000", () => {
    assert.equal(passed(envoyWithLimit(100)), 4);
    assert.equal(passed(envoyWithLimit(1000)), 20);
  });

  it("holds for 20 at once over 4 workers together", () => {
    assert.equal(passed(envoyWithLimit(1000, 4)), 20);
  });

  it("is free again when a check ends, and counts nothing in the limit", () => {
    const envoy = envoyWithLimit(100);
    for (let i = 0; i < 50; i++) {
      const checks = Array.from({ length: 4 }, () => envoy.open(HEALTH));
      for (const check of checks) assert.equal(check.request(), true);
      assert.equal(envoy.value("shop.exempt"), 4);
      assert.equal(envoy.value("shop.inflight"), 0);
      for (const check of checks) {
        if (i % 2 === 0) check.response();
        check.end();
      }
      assert.equal(envoy.value("shop.exempt"), 0);
    }
    assert.equal(envoy.value("shop.completed"), 0);
    assert.equal(envoy.value("shop.lost"), 0);
  });
});
