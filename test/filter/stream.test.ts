import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Headers } from "../support/wasm-host/pairs.ts";

const CRITICAL: Headers = [["x-criticality", "critical"]];

describe("filter stream", () => {
  it("counts an admitted request in, its 20 ms as a sample, and out again", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open({ headers: CRITICAL });

    assert.equal(stream.request(), true);
    assert.equal(envoy.value("shop.inflight"), 1);
    envoy.clock.advanceMs(20);
    stream.response();
    assert.equal(envoy.value("shop.inflight"), 1);
    stream.end();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.completed"), 1);
    assert.equal(envoy.value("shop.rtt_us"), 20_000);
    assert.equal(envoy.value("shop.lost"), 0);
  });

  it("sheds with 429, x-envoy-ratelimited, retry-after of 1 to 3 s and RESOURCE_EXHAUSTED", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    const stream = envoy.open({ headers: CRITICAL });

    assert.equal(stream.request(), false);

    assert.equal(stream.reply?.status, 429);
    assert.equal(stream.reply.details, "qmesh_shed");
    assert.equal(stream.reply.grpcStatus, 8);
    assert.deepEqual(stream.reply.headers[0], ["x-envoy-ratelimited", "true"]);
    assert.match(stream.reply.headers[1]?.join(" ") ?? "", /^retry-after [123]$/);
    assert.equal(stream.reply.headers.length, 2);
  });

  it("tells a gRPC caller by grpc-retry-pushback-ms -1 not to try again, and no other", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    const pushback = (type: string): string | undefined => {
      const stream = envoy.open({ headers: [["content-type", type]] });
      stream.request();
      return stream.reply?.headers.find(([name]) => name === "grpc-retry-pushback-ms")?.[1];
    };

    for (const type of ["application/grpc", "application/grpc+proto"]) {
      assert.equal(pushback(type), "-1", type);
    }
    for (const type of ["application/grpc-web", "application/json", "application/grp", ""]) {
      assert.equal(pushback(type), undefined, type);
    }
  });

  it("counts what was shed by reason at the tick, the sum of all tiers", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    for (let i = 0; i < 5; i++) envoy.serve({ headers: CRITICAL });
    for (let i = 0; i < 7; i++) envoy.serve();
    envoy.tick();

    const reasons = ["limit", "level", "tenant", "retry", "deadline"];
    const counts = reasons.map((reason) => envoy.value(`shop.shed.${reason}`));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      12,
    );
    assert.equal(envoy.value("shop.threshold_permille"), 1000);
  });

  it("answers 503 without retry-after where the operator says so", () => {
    const envoy = new FakeEnvoy(config(scope({ answer: { status: 503 } })));
    envoy.overload();
    const stream = envoy.open();
    stream.request();

    assert.equal(stream.reply?.status, 503);
    assert.deepEqual(stream.reply.headers, [["x-envoy-ratelimited", "true"]]);
  });

  it("spreads retry-after over all of 1, 2 and 3 s", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const stream = envoy.open();
      stream.request();
      seen.add(stream.reply?.headers[1]?.[1] ?? "");
      stream.end();
    }

    assert.deepEqual([...seen].sort(), ["1", "2", "3"]);
  });

  it("keeps the reply to a shed request out of the statistics", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    const stream = envoy.open({ headers: CRITICAL });
    stream.request();
    stream.response(3);
    stream.end();
    envoy.relieve();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.completed"), 0);
    assert.equal(envoy.value("shop.lost"), 0);
    assert.equal(envoy.value("shop.tier.critical.shed"), 1);
  });

  it("in shadow admits what it would shed and counts it", () => {
    const envoy = new FakeEnvoy(config(scope({ mode: "SHADOW" })));
    envoy.overload();

    assert.equal(envoy.serve(), true);
    envoy.relieve();
    envoy.tick();

    assert.equal(envoy.value("shop.tier.default.would_shed"), 1);
    assert.equal(envoy.value("shop.tier.default.shed"), 0);
    assert.equal(envoy.value("shop.tier.default.admitted"), 1);
    assert.equal(envoy.value("shop.completed"), 1);
    assert.equal(envoy.value("shop.inflight"), 0);
  });

  it("switched off passes everything and counts nothing", () => {
    const envoy = new FakeEnvoy(config(scope({ mode: "OFF" })));
    envoy.overload();

    assert.equal(envoy.serve(), true);
    envoy.relieve();
    envoy.tick();

    assert.equal(envoy.value("shop.completed"), 0);
    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.tier.default.admitted"), 0);
  });

  it("counts a stream that ends without response headers as lost, once", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open();
    stream.request();
    stream.log();
    stream.done();
    stream.done();

    assert.equal(envoy.value("shop.lost"), 1);
    assert.equal(envoy.value("shop.completed"), 0);
    assert.equal(envoy.value("shop.inflight"), 0);
  });

  it("does not count a client that goes away after the response headers as lost", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open();
    stream.request();
    envoy.clock.advanceMs(5);
    stream.response();
    stream.response();
    stream.done();

    assert.equal(envoy.value("shop.lost"), 0);
    assert.equal(envoy.value("shop.completed"), 1);
  });

  it("ignores a stream an earlier filter refused: log and done without request headers", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open();
    stream.response();
    stream.end();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.lost"), 0);
    assert.equal(envoy.value("filter.internal_error"), 0);
  });

  it("takes Envoy's own 503 in 0.1 ms as lost, not as a fast sample", () => {
    const envoy = new FakeEnvoy(config(scope()));
    for (let i = 0; i < 10; i++) envoy.serve({}, 20);
    envoy.tick();
    const stream = envoy.open();
    stream.request();
    envoy.clock.advanceMs(0.1);
    stream.response(3, 2n);
    stream.end();

    assert.equal(envoy.value("shop.lost"), 1);
    assert.equal(envoy.value("shop.completed"), 10);
    assert.equal(envoy.value("shop.rtt_us"), 200_000);
  });

  it("asks for no flags where everything takes less than 1 ms", () => {
    const envoy = new FakeEnvoy(config(scope({ tiers: [{ name: "only" }], unmatched: 0 })));
    for (let i = 0; i < 10; i++) envoy.serve({}, 0.4);
    envoy.tick();
    envoy.worker.resetCalls();
    for (const rttMs of [0.01, 0.9]) {
      const stream = envoy.open();
      stream.request();
      envoy.clock.advanceMs(rttMs);
      stream.response(3);
      stream.end();
    }

    // The headers of each request.
    assert.equal(envoy.worker.calls.data, 2);
  });

  it("takes a fast answer of the upstream itself as a sample", () => {
    const envoy = new FakeEnvoy(config(scope()));
    for (let i = 0; i < 10; i++) envoy.serve({}, 20);
    envoy.tick();
    const stream = envoy.open();
    stream.request();
    envoy.clock.advanceMs(0.1);
    stream.response(3, 0n);
    stream.end();

    assert.equal(envoy.value("shop.lost"), 0);
    assert.equal(envoy.value("shop.completed"), 11);
  });

  it("admits untracked above 4096 streams and counts them", () => {
    const envoy = new FakeEnvoy(
      config(scope({ limit: { min: 100_000, max: 100_000, initial: 100_000 } })),
    );
    const streams = Array.from({ length: 5000 }, () => envoy.open());
    for (const stream of streams) assert.equal(stream.request(), true);

    assert.equal(envoy.value("shop.inflight"), 4096);
    assert.equal(envoy.value("filter.untracked"), 904);
    for (const stream of streams) stream.end();
    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.lost"), 4096);
  });

  it("admits a request whose 70 kB of headers it cannot read and counts an internal error", () => {
    const both = {
      headers: [
        { name: "a", value: "1" },
        { name: "b", value: "2" },
      ],
    };
    const tiers = [{ name: "only", matches: [both] }];
    const envoy = new FakeEnvoy(config(scope({ tiers, unmatched: 0 })));
    envoy.overload();

    assert.equal(envoy.serve({ headers: [["big", "x".repeat(70_000)]] }), true);
    assert.equal(envoy.value("filter.internal_error"), 1);
  });

  const BUSY: Headers = [
    ...CRITICAL,
    ["x-request-id", "0b1c4e60-94a7-4b0c-8ac7-0d4b5b8a9a51"],
    ["x-envoy-attempt-count", "1"],
    ["x-envoy-expected-rq-timeout-ms", "500"],
    ["x-tenant", "acme"],
  ];
  const TENANTS = { tenant: { header: "x-tenant" } };

  it("spends one data call and eight others on an admitted request, whatever it looks at", () => {
    const envoy = new FakeEnvoy(config(scope(TENANTS)));
    envoy.serve({ headers: BUSY });
    envoy.tick();
    envoy.worker.resetCalls();

    envoy.serve({ headers: BUSY });

    // In-flight +1 and read, clock, stamp; clock, completed, rtt; in-flight -1.
    assert.deepEqual(envoy.worker.calls, { data: 1, cheap: 8 });
  });

  it("spends one data call and five others on a shed request, three fewer than on one served", () => {
    const envoy = new FakeEnvoy(config(scope(TENANTS)));
    envoy.overload();
    envoy.worker.resetCalls();
    const stream = envoy.open({ headers: BUSY });
    stream.request();
    stream.response(3);
    stream.end();

    // In-flight +1, read, -1; shed; the reply.
    assert.deepEqual(envoy.worker.calls, { data: 1, cheap: 5 });
  });

  it("writes no stamp where a believed one came in: one call fewer", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.serve();
    envoy.worker.resetCalls();
    envoy.serve({ headers: [["x-qmesh-tier", "critical;17"]] });

    assert.deepEqual(envoy.worker.calls, { data: 1, cheap: 7 });
  });
});
