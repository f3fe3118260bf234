import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const WIDE = { limit: { min: 100_000, max: 100_000, initial: 100_000 } };

/** An Envoy whose requests take 200 ms on average. */
function slowEnvoy(): FakeEnvoy {
  const envoy = new FakeEnvoy(config(scope(WIDE)));
  for (let i = 0; i < 15; i++) envoy.serve({}, 200);
  envoy.tick();
  return envoy;
}

function opened(envoy: FakeEnvoy, count: number): Stream[] {
  const streams = Array.from({ length: count }, () => envoy.open());
  for (const stream of streams) stream.request();
  return streams;
}

describe("filter ghosts", () => {
  it("keep the place of a request whose client left after 50 of 200 ms for 150 ms more", () => {
    const envoy = slowEnvoy();
    const [stream] = opened(envoy, 1);
    envoy.clock.advanceMs(50);
    stream!.end();

    envoy.tick(100);
    assert.equal(envoy.value("shop.inflight"), 1);
    envoy.tick(60);
    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.lost"), 1);
  });

  it("are none where the request already took its usual time, or was answered", () => {
    const envoy = slowEnvoy();
    const [late, answered] = opened(envoy, 2);
    answered!.response();
    answered!.end();
    assert.equal(envoy.value("shop.inflight"), 1);
    envoy.clock.advanceMs(200);
    late!.end();

    assert.equal(envoy.value("shop.inflight"), 0);
  });

  it("are at most 1024 of 3000, and all are gone within 10 s however long requests take", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)));
    for (let i = 0; i < 15; i++) envoy.serve({}, 60_000);
    envoy.tick();
    for (const stream of opened(envoy, 3000)) stream.end();

    assert.equal(envoy.value("shop.inflight"), 1024);
    envoy.tick(9_900);
    assert.equal(envoy.value("shop.inflight"), 1024);
    envoy.tick(200);
    assert.equal(envoy.value("shop.inflight"), 0);
  });

  it("do not stay for ever in flight: 5 requests end after the last root context, whose tick would have released them", () => {
    const envoy = slowEnvoy();
    const streams = opened(envoy, 5);
    envoy.worker.dropRoot(envoy.root);
    for (const stream of streams) stream.end();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.lost"), 5);
  });

  it("do not outlive the root context, nor a clock that runs back by an hour", () => {
    const envoy = slowEnvoy();
    for (const stream of opened(envoy, 5)) stream.end();
    assert.equal(envoy.value("shop.inflight"), 5);
    envoy.push(config(scope(WIDE)));
    assert.equal(envoy.value("shop.inflight"), 0);

    for (const stream of opened(envoy, 5)) stream.end();
    envoy.tick(-3_600_000);
    assert.equal(envoy.value("shop.inflight"), 0);
  });
});
