import assert from "node:assert/strict";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import { Mesh } from "../support/wasm-host/mesh.ts";

describe("filter root", () => {
  it("asks for a tick of 100 ms", () => {
    assert.equal(new Mesh(config(scope())).worker.tickPeriodMs, 100);
  });

  it("ends a stream of the old root after a push, counting it out once", () => {
    const mesh = new Mesh(config(scope()));
    const answered = mesh.open();
    const lost = mesh.open();
    answered.request();
    lost.request();
    mesh.push(config(scope({ mode: "OFF" })));
    answered.response();
    answered.end();
    lost.end();

    assert.equal(mesh.value("shop.inflight"), 0);
    assert.equal(mesh.value("shop.completed"), 1);
    assert.equal(mesh.value("shop.lost"), 1);
  });

  it("ends a stream of a scope that a push took away", () => {
    const mesh = new Mesh(config(scope()));
    const stream = mesh.open();
    stream.request();
    mesh.push(config());
    stream.response();
    stream.end();

    assert.equal(mesh.value("shop.inflight"), 0);
    assert.equal(mesh.open().request(), true);
  });

  it("keeps the learned limit of a scope over a push", () => {
    const mesh = new Mesh(config(scope()));
    for (let window = 0; window < 40; window++) {
      const held = Array.from({ length: 12 }, () => mesh.open());
      for (const stream of held) stream.request();
      mesh.clock.advanceMs(20);
      for (const stream of held) {
        stream.response();
        stream.end();
      }
      mesh.tick();
    }
    const before = mesh.value("shop.limit");
    mesh.push(config(scope({ limit: { min: 1, max: 1000, initial: 2 } })));
    mesh.serve();
    mesh.tick();

    const after = mesh.value("shop.limit");
    assert.ok(after >= before / 2 && after <= before * 2, `${before} became ${after}`);
  });

  it("defines no metric again for 100 pushes of the same scopes", () => {
    const mesh = new Mesh(config(scope()));
    mesh.worker.resetCalls();
    mesh.push(config(scope()));
    const once = mesh.worker.calls.cheap;
    for (let i = 0; i < 99; i++) mesh.push(config(scope()));

    assert.equal(mesh.worker.calls.cheap, once * 100);
    // Clock, probe written and read, published limit, tick period.
    assert.equal(once, 5);
  });

  it("gives each stream the policy of its own root id where one VM has two", () => {
    const mesh = new Mesh(config(scope()));
    const { worker } = mesh;
    const other = worker.configure(config(scope({ name: "other" })), "second");
    mesh.overload("other");

    assert.equal(mesh.open().request(), true);
    const stream = worker.open(other);
    assert.equal(stream.request(), false);
  });

  it("forgets a root id that has not ticked for 5 s and then reads no property", () => {
    const mesh = new Mesh(config(scope({ tiers: [{ name: "only" }], unmatched: 0 })));
    mesh.worker.configure(config(scope({ name: "other" })), "second");
    mesh.worker.resetCalls();
    mesh.serve();
    assert.equal(mesh.worker.calls.data, 1);

    mesh.tick(4000);
    mesh.tick(2000);
    mesh.worker.resetCalls();
    mesh.serve();
    assert.equal(mesh.worker.calls.data, 0);
  });

  it("refuses a 17th root id and takes it once another is gone", () => {
    const mesh = new Mesh(config(scope()));
    for (let i = 1; i < 16; i++) mesh.worker.configure(config(scope()), `root-${i}`);
    assert.equal(mesh.worker.configure(config(scope()), "one-more").isAccepted, false);
    assert.match(mesh.worker.logs.at(-1) ?? "", /more than 16 root ids/);

    mesh.tick(6000);
    assert.equal(mesh.worker.configure(config(scope()), "one-more").isAccepted, true);
  });
});
