import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import { MetricStore } from "../support/wasm-host/metric-store.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const WIDE = { limit: { min: 100_000, max: 100_000, initial: 100_000 } };

describe("filter workers", () => {
  it("of one Envoy count 300 streams over 4 VMs without error, whatever the order", () => {
    const step = fc.record({ worker: fc.nat(3), pick: fc.nat(), what: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 300, maxLength: 300 }), (steps) => {
        const envoy = new FakeEnvoy(config(scope(WIDE)), new MetricStore(), 4);
        const open: Stream[] = [];
        const ended = { answered: 0, lost: 0 };
        for (const { worker, pick, what } of steps) {
          envoy.clock.advanceMs(1);
          if (what < 5 || open.length === 0) {
            const stream = envoy.open({}, worker);
            stream.request();
            open.push(stream);
          } else {
            const [stream] = open.splice(pick % open.length, 1);
            if (what < 9) stream!.response();
            ended[what < 9 ? "answered" : "lost"]++;
            stream!.end();
          }
          assert.equal(envoy.value("shop.inflight"), open.length);
        }
        envoy.tick();
        assert.equal(envoy.value("shop.completed"), ended.answered);
        assert.equal(envoy.value("shop.lost"), ended.lost);
        const all = open.length + ended.answered + ended.lost;
        assert.equal(envoy.value("shop.tier.default.admitted"), all);
      }),
      { numRuns: 30 },
    );
  });

  it("shed by what is in flight in the others", () => {
    const envoy = new FakeEnvoy(
      config(scope({ limit: { min: 4, max: 4, initial: 4 } })),
      new MetricStore(),
      2,
    );
    const held = Array.from({ length: 50 }, () => envoy.open({}, 0));
    for (const stream of held) stream.request();

    assert.equal(envoy.open({}, 1).request(), false);
    for (const stream of held) stream.end();
    assert.equal(envoy.open({}, 1).request(), true);
  });

  it("publish nothing while they serve nothing: the main thread's copy is one of them", () => {
    const envoy = new FakeEnvoy(config(scope()), new MetricStore(), 2);
    for (let i = 0; i < 20; i++) envoy.tick();
    for (const name of envoy.metrics.names()) {
      if (name !== "qmesh.filter.probe") assert.equal(envoy.metrics.value(name), 0, name);
    }

    envoy.serve();
    envoy.tick();
    assert.equal(envoy.value("shop.limit") > 0, true);
  });

  it("start from the limit and baseline the others publish when a VM is made anew", () => {
    const metrics = new MetricStore();
    metrics.define("gauge", "qmesh.shop.limit");
    metrics.record("qmesh.shop.limit", 200n);
    metrics.define("gauge", "qmesh.shop.baseline_us");
    metrics.record("qmesh.shop.baseline_us", 20_000n);
    const envoy = new FakeEnvoy(
      config(scope({ limit: { min: 1, max: 1000, initial: 4 } })),
      metrics,
    );
    envoy.serve();
    envoy.tick();

    assert.ok(envoy.value("shop.limit") > 100, `${envoy.value("shop.limit")}`);
  });

  it("keep a published limit inside bounds that a push makes narrower", () => {
    const metrics = new MetricStore();
    metrics.define("gauge", "qmesh.shop.limit");
    metrics.record("qmesh.shop.limit", 200n);
    metrics.define("gauge", "qmesh.shop.baseline_us");
    metrics.record("qmesh.shop.baseline_us", 20_000n);
    const envoy = new FakeEnvoy(config(scope({ limit: { min: 1, max: 50, initial: 4 } })), metrics);
    envoy.serve();
    envoy.tick();

    assert.ok(envoy.value("shop.limit") <= 50);
  });

  it("go by their own count where the shared one has run below zero", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)));
    envoy.metrics.increment("qmesh.shop.inflight", -5n);

    assert.equal(envoy.serve(), true);
  });

  it("bear an operator's reset of the counters", () => {
    const envoy = new FakeEnvoy(config(scope()));
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) envoy.serve();
      if (round === 10) envoy.metrics.resetCounters();
      envoy.tick();
    }

    assert.equal(envoy.value("shop.completed"), 9 * 20);
    const limit = envoy.value("shop.limit");
    assert.ok(limit >= 1 && limit <= 1000, `${limit}`);
  });
});

describe("filter without metrics", () => {
  it("counts and sheds by itself, and says so once over 3 pushes", () => {
    const four = config(scope({ limit: { min: 4, max: 4, initial: 4 } }));
    const envoy = new FakeEnvoy(four, new MetricStore(() => false));
    envoy.push(four);
    envoy.push(four);
    const held = Array.from({ length: 50 }, () => envoy.open());
    const admitted = held.filter((stream) => stream.request()).length;
    envoy.tick();

    assert.ok(admitted >= 1 && admitted < 20, `${admitted} admitted`);
    assert.equal(envoy.worker.logs.length, 1);
    assert.match(envoy.worker.logs[0] ?? "", /^the host keeps no qmesh metrics/);
    for (const stream of held) stream.end();
    assert.equal(envoy.serve(), true);
  });

  it("shows local_mode 1 where that gauge is kept", () => {
    const metrics = new MetricStore((name) => name === "qmesh.filter.local_mode");
    const envoy = new FakeEnvoy(config(scope()), metrics);
    envoy.serve();
    envoy.tick();

    assert.equal(envoy.value("filter.local_mode"), 1);
  });

  it("still sheds by its own count where only the in-flight gauge is left out", () => {
    const metrics = new MetricStore((name) => !name.endsWith(".inflight"));
    const envoy = new FakeEnvoy(config(scope({ limit: { min: 4, max: 4, initial: 4 } })), metrics);
    const admitted = Array.from({ length: 50 }, () => envoy.open()).filter((s) =>
      s.request(),
    ).length;

    assert.ok(admitted >= 1 && admitted < 20, `${admitted} admitted`);
  });
});

describe("filter census", () => {
  const FOUR = config(scope({ limit: { min: 4, max: 4, initial: 4 } }));

  it("finds the 30 requests a dead VM left in the gauge within 5 s and admits again", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)), new MetricStore(), 2);
    for (let i = 0; i < 30; i++) envoy.open({}, 0).request();
    const held = envoy.open({}, 1);
    held.request();
    envoy.reload(0, FOUR);
    assert.equal(envoy.open({}, 0).request(), false);

    for (let i = 0; i < 50; i++) envoy.tick();

    assert.equal(envoy.value("shop.leaked"), 30);
    assert.equal(envoy.value("shop.inflight"), 31);
    assert.equal(envoy.open({}, 0).request(), true);
  });

  it("gives a VM made anew what the others already know to be leaked", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)), new MetricStore(), 2);
    for (let i = 0; i < 30; i++) envoy.open({}, 0).request();
    envoy.serve();
    envoy.reload(0, FOUR);
    envoy.open({}, 1).request();
    for (let i = 0; i < 50; i++) envoy.tick();
    envoy.reload(0, FOUR);

    assert.equal(envoy.open({}, 0).request(), true);
  });

  it("keeps up with VMs that die 5 times a second for 20 s, 3 requests each: 0 of 1000 others are shed", () => {
    const envoy = new FakeEnvoy(
      config(scope({ limit: { min: 16, max: 16, initial: 16 } })),
      new MetricStore(),
      2,
    );
    const four = config(scope({ limit: { min: 16, max: 16, initial: 16 } }));
    let shed = 0;
    for (let step = 0; step < 1000; step++) {
      if (step % 10 === 0) {
        const worker = (step / 10) % 2;
        for (let i = 0; i < 3; i++) envoy.open({}, worker).request();
        envoy.reload(worker, four);
      }
      const stream = envoy.open({}, step % 2);
      if (!stream.request()) shed++;
      envoy.clock.advanceMs(20);
      stream.response();
      stream.end();
      if (step % 5 === 0) envoy.tick(0);
    }

    assert.equal(shed, 0);
    assert.ok(envoy.value("shop.inflight") >= 300);
  });

  it("keeps up with VMs of one worker that die with their first request, 5 a second for 20 s: 0 of 1000 of the other are shed", () => {
    const four = config(scope({ limit: { min: 16, max: 16, initial: 16 } }));
    const envoy = new FakeEnvoy(four, new MetricStore(), 2);
    let shed = 0;
    for (let step = 0; step < 1000; step++) {
      if (step % 10 === 0) {
        envoy.open({}, 0).request();
        envoy.reload(0, four);
      }
      const stream = envoy.open({}, 1);
      if (!stream.request()) shed++;
      envoy.clock.advanceMs(20);
      stream.response();
      stream.end();
      if (step % 5 === 0) envoy.workers[1]!.tick(envoy.roots[1]!);
    }

    assert.equal(shed, 0);
  });

  it("bears a hot restart: the 40 requests of the parent, added to the gauge and taken off later, are out of the count within 5 s each time", () => {
    const four = config(scope({ limit: { min: 4, max: 4, initial: 4 } }));
    const envoy = new FakeEnvoy(four, new MetricStore(), 2);
    envoy.serve();
    envoy.metrics.increment("qmesh.shop.inflight", 40n);
    assert.equal(envoy.open({}, 1).request(), false);
    for (let i = 0; i < 50; i++) envoy.tick();
    assert.equal(envoy.value("shop.leaked"), 40);
    assert.equal(envoy.serve(), true);

    const held = envoy.open({}, 1);
    held.request();
    envoy.metrics.increment("qmesh.shop.inflight", -40n);
    for (let i = 0; i < 50; i++) envoy.tick();
    assert.equal(envoy.value("shop.leaked"), 0);
    assert.equal(envoy.value("shop.inflight"), 1);
    held.end();
    assert.equal(envoy.value("shop.inflight"), 0);
  });

  it("finds nothing while 2000 streams end one by one over 20 s", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)), new MetricStore(), 4);
    const open = Array.from({ length: 2000 }, (_, i) => envoy.open({}, i % 4));
    for (const stream of open) stream.request();
    for (let step = 0; step < 2000; step++) {
      envoy.clock.advanceMs(10);
      open[step]!.end();
      const worker = step % 10;
      if (worker < 4) envoy.workers[worker]!.tick(envoy.roots[worker]!);
      assert.equal(envoy.value("shop.leaked"), 0);
    }
  });

  it("finds nothing in 60 s of traffic over 4 VMs that tick apart, long streams included", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)), new MetricStore(), 4);
    const held = Array.from({ length: 40 }, (_, i) => envoy.open({}, i % 4));
    for (const stream of held) stream.request();
    const open: Stream[] = [];
    for (let step = 0; step < 2400; step++) {
      envoy.clock.advanceMs(25);
      const worker = step % 4;
      for (let i = 0; i < 5; i++) open.push(envoy.open({}, (step + i) % 4));
      for (const stream of open.slice(-5)) stream.request();
      // Between 0 and 10 streams end, in long waves: in flight swings by hundreds.
      for (const stream of open.splice(0, 5 + Math.round(5 * Math.sin(step / 40)))) stream.end();
      envoy.workers[worker]!.tick(envoy.roots[worker]!);
      assert.equal(envoy.value("shop.leaked"), 0);
    }
  });
});
