import assert from "node:assert/strict";
import fc from "fast-check";
import { endure } from "../support/faults/endure.ts";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const WIDE = { limit: { min: 100_000, max: 100_000, initial: 100_000 } };

describe("filter endurance", () => {
  it("grows by no byte over 1,000,000 streams with 1000 in flight", function () {
    this.timeout(120_000);
    const { grownBytes, envoy } = endure(1_000_000);

    assert.equal(grownBytes, 0);
    assert.equal(envoy.value("shop.inflight"), 0);
    assert.equal(envoy.value("shop.completed"), 999_000);
    assert.equal(envoy.value("shop.lost"), 1000);
    assert.equal(envoy.value("filter.internal_error"), 0);
  });

  it("finds every stream among 4096 whose ids leave gaps, in any order of ending", () => {
    const envoy = new FakeEnvoy(config(scope(WIDE)));
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (picks) => {
        const open: Stream[] = [];
        while (open.length < 4096) {
          const stream = envoy.open();
          // Most pass without a slot, at random: ids in even steps would spread too well to collide.
          if ((picks.next().value ?? 0) % 5 !== 0) continue;
          stream.request();
          open.push(stream);
        }
        while (open.length > 0) {
          const [stream] = open.splice((picks.next().value ?? 0) % open.length, 1);
          stream!.response();
          stream!.end();
        }
        assert.equal(envoy.value("shop.inflight"), 0);
        assert.equal(envoy.value("shop.lost"), 0);
      }),
      { numRuns: 10 },
    );
    assert.equal(envoy.value("shop.completed"), 40_960);
  });

  it("bears callbacks in any order for any id: no trap, and nothing stays in flight", () => {
    const name = fc.constantFrom(
      "proxy_on_context_create",
      "proxy_on_request_headers",
      "proxy_on_response_headers",
      "proxy_on_done",
      "proxy_on_log",
      "proxy_on_tick",
      "proxy_on_delete",
    );
    const step = fc.record({ name, id: fc.oneof(fc.nat(12), fc.constantFrom(-1, 0x7fffffff)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const envoy = new FakeEnvoy(config(scope(WIDE)));
        const frame = envoy.open().frame;
        for (const step of steps) {
          envoy.clock.advanceMs(1);
          envoy.worker.call(frame, step.name, step.id, envoy.root.id, 1);
          if (step.name !== "proxy_on_context_create") continue;
          envoy.worker.call(frame, "proxy_on_request_headers", step.id, 4, 1);
        }
        for (let id = -1; id <= 12; id++) envoy.worker.call(frame, "proxy_on_done", id);
        envoy.worker.call(frame, "proxy_on_done", 0x7fffffff);
        assert.equal(envoy.value("shop.inflight"), 0);
      }),
      { numRuns: 500 },
    );
  });

  it("reads headers with any bytes and sizes without a trap", () => {
    const tiers = [
      {
        name: "a",
        matches: [
          {
            headers: [
              { name: "x-a", value: "1" },
              { name: "x-b", value: "2" },
            ],
          },
        ],
      },
    ];
    const envoy = new FakeEnvoy(config(scope({ ...WIDE, tiers, unmatched: 0 })));
    const text = fc
      .uint8Array({ maxLength: 3000 })
      .map((bytes) => Buffer.from(bytes).toString("latin1"));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 30 }), (headers) => {
        envoy.serve({ headers });
        assert.equal(envoy.value("shop.inflight"), 0);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses to allocate what the arena does not hold, as a null pointer", () => {
    const { worker } = new FakeEnvoy(config(scope()));
    for (const size of [66_561, 0x7fffffff, -1]) {
      assert.equal(worker.callRaw("proxy_on_memory_allocate", size), 0);
    }
  });

  it("bears a clock that stands still and one that runs back", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const stream = envoy.open();
    stream.request();
    envoy.clock.advanceMs(-500);
    stream.response();
    stream.end();
    envoy.tick(0);

    assert.equal(envoy.value("shop.rtt_us"), 0);
    assert.equal(envoy.value("shop.completed"), 1);
  });
});
