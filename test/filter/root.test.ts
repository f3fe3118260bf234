import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";

describe("filter root", () => {
  it("asks for a tick of 100 ms", () => {
    assert.equal(new FakeEnvoy(config(scope())).worker.tickPeriodMs, 100);
  });

  it("ends a stream of the old root after a push, counting it out once", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const answered = envoy.open();
    const lost = envoy.open();
    answered.request();
    lost.request();
    envoy.push(config(scope({ mode: "OFF" })));
    answered.response();
    answered.end();
    lost.end();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.completed"), 1);
    assert.equal(envoy.value("shop.lost"), 1);
  });

  it("ends a stream of a scope that a push took away", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open();
    stream.request();
    envoy.push(config());
    stream.response();
    stream.end();

    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.open().request(), true);
  });

  it("keeps the learned limit of a scope over a push", () => {
    const envoy = new FakeEnvoy(config(scope()));
    for (let window = 0; window < 40; window++) {
      const held = Array.from({ length: 12 }, () => envoy.open());
      for (const stream of held) stream.request();
      envoy.clock.advanceMs(20);
      for (const stream of held) {
        stream.response();
        stream.end();
      }
      envoy.tick();
    }
    const before = envoy.value("shop.limit");
    envoy.push(config(scope({ limit: { min: 1, max: 1000, initial: 2 } })));
    envoy.serve();
    envoy.tick();

    const after = envoy.value("shop.limit");
    assert.ok(after >= before / 2 && after <= before * 2, `${before} became ${after}`);
  });

  it("defines no metric again for 100 pushes of the same scopes", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.worker.resetCalls();
    envoy.push(config(scope()));
    const once = envoy.worker.calls.cheap;
    for (let i = 0; i < 99; i++) envoy.push(config(scope()));

    assert.equal(envoy.worker.calls.cheap, once * 100);
    // Probe written and read, published limit, tick period.
    assert.equal(once, 4);
  });

  it("gives each stream the policy of the context it was created under", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const other = envoy.worker.configure(config(scope({ name: "other" })));
    envoy.overload("other");

    assert.equal(envoy.open().request(), true);
    assert.equal(envoy.worker.open(other).request(), false);
    assert.equal(envoy.open().request(), true);
  });

  it("goes by an old context again that a push back revives without configuring it", () => {
    const envoy = new FakeEnvoy(config(scope({ limit: { min: 1, max: 40, initial: 40 } })));
    const between = envoy.worker.configure(
      config(scope({ limit: { min: 2, max: 2, initial: 2 } })),
    );
    envoy.worker.open(between).request();
    envoy.worker.dropRoot(between);
    envoy.serve();
    envoy.tick();
    envoy.serve();
    envoy.tick();

    assert.equal(envoy.value("shop.tier.default.admitted"), 3);
    const held = Array.from({ length: 4 }, () => envoy.open());
    assert.ok(held.every((stream) => stream.request()));
  });

  it("passes a stream of a context that is done", () => {
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    envoy.worker.dropRoot(envoy.root);

    assert.equal(envoy.open().request(), true);
    assert.equal(envoy.value("filter.internal_error"), 0);
  });

  it("holds 100 contexts at once and uses their memory again when they are done", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const hold = (): void => {
      const roots = Array.from({ length: 100 }, () => envoy.worker.configure(config(scope())));
      assert.ok(roots.every((root) => root.isAccepted));
      for (const root of roots) envoy.worker.dropRoot(root);
    };
    hold();
    const before = envoy.worker.memoryBytes;
    hold();

    assert.equal(envoy.worker.memoryBytes, before);
  });

  it("closes one window of a scope in 100 ms though two contexts tick", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const twin = envoy.worker.configure(config(scope()));
    const windows: number[] = [];
    for (let step = 0; step < 10; step++) {
      envoy.tick(50);
      envoy.worker.resetCalls();
      envoy.worker.tick(step % 2 === 0 ? twin : envoy.root);
      windows.push(envoy.worker.calls.cheap);
    }
    // A window reads more than the clock.
    assert.deepEqual(new Set(windows), new Set([1]));
  });
});
