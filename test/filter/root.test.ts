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
    // Clock, probe written and read, published limit, tick period.
    assert.equal(once, 5);
  });

  it("gives each stream the policy of its own root id where one VM has two", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const { worker } = envoy;
    const other = worker.configure(config(scope({ name: "other" })), "second");
    envoy.overload("other");

    assert.equal(envoy.open().request(), true);
    const stream = worker.open(other);
    assert.equal(stream.request(), false);
  });

  it("forgets a root id that has not ticked for 5 s and then reads no property", () => {
    const envoy = new FakeEnvoy(config(scope({ tiers: [{ name: "only" }], unmatched: 0 })));
    envoy.worker.configure(config(scope({ name: "other" })), "second");
    envoy.worker.resetCalls();
    envoy.serve();
    assert.equal(envoy.worker.calls.data, 1);

    envoy.tick(4000);
    envoy.tick(2000);
    envoy.worker.resetCalls();
    envoy.serve();
    assert.equal(envoy.worker.calls.data, 0);
  });

  it("takes two root ids back that tick again after a pause of an hour", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const other = envoy.worker.configure(config(scope({ name: "other" })), "second");
    envoy.overload("other");
    envoy.tick(3_600_000);
    envoy.worker.tick(other);

    assert.equal(envoy.open().request(), true);
    assert.equal(envoy.worker.open(other).request(), false);
  });

  it("refuses a 17th root id and takes it once another is gone", () => {
    const envoy = new FakeEnvoy(config(scope()));
    for (let i = 1; i < 16; i++) envoy.worker.configure(config(scope()), `root-${i}`);
    assert.equal(envoy.worker.configure(config(scope()), "one-more").isAccepted, false);
    assert.match(envoy.worker.logs.at(-1) ?? "", /more than 16 root ids/);

    envoy.tick(6000);
    assert.equal(envoy.worker.configure(config(scope()), "one-more").isAccepted, true);
  });
});
