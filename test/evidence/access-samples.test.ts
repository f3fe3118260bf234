import assert from "node:assert/strict";
import fc from "fast-check";
import { AccessSamples } from "../../src/evidence/access-samples.ts";

const sample = (ms: number, status = 200, cluster = "shop.v1") => ({ cluster, status, ms });

function only(store: AccessSamples, nowMs: number) {
  const [node] = store.snapshot(nowMs);
  const [cluster] = node?.clusters ?? [];
  assert.ok(node && cluster);
  return { ageMs: node.ageMs, ...cluster };
}

describe("access samples", () => {
  it("gives a p50 of 10 ms and a p99 of 500 ms for 90 samples of 10 ms and 10 of 500 ms, within 10 %", () => {
    const store = new AccessSamples();
    const times = Array.from({ length: 100 }, (_, index) => sample(index < 90 ? 10 : 500));
    store.observe("edge-1", 0, times);

    const { p50Ms = 0, p99Ms = 0 } = only(store, 0);
    assert.ok(p50Ms >= 10 && p50Ms <= 11, `p50 ${p50Ms}`);
    assert.ok(p99Ms >= 500 && p99Ms <= 550, `p99 ${p99Ms}`);
  });

  it("never gives a median off by more than 10 %, for 500 random lists", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1 }),
        (times) => {
          const store = new AccessSamples();
          store.observe(
            "edge-1",
            0,
            times.map((ms) => sample(ms)),
          );
          const sorted = times.toSorted((a, b) => a - b);
          const median = sorted[Math.ceil(times.length / 2) - 1] ?? 0;
          const { p50Ms = 0 } = only(store, 0);

          assert.ok(p50Ms >= median * 0.99 - 0.1 && p50Ms <= median * 1.11 + 0.1, `${p50Ms}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("counts 3 of 5 as failed: 500, 503 and no answer", () => {
    const store = new AccessSamples();
    const statuses = [200, 429, 500, 503, 0];
    store.observe(
      "edge-1",
      0,
      statuses.map((status) => sample(1, status)),
    );

    const { sampled, failed } = only(store, 0);
    assert.deepEqual([sampled, failed], [5, 3]);
  });

  it("looks back 30 to 60 s, and keeps its counts and its age beyond", () => {
    const store = new AccessSamples();
    store.observe("edge-1", 29_000, [sample(10)]);

    assert.notEqual(only(store, 59_999).p50Ms, undefined);
    assert.deepEqual(only(store, 60_000), {
      ageMs: 31_000,
      cluster: "shop.v1",
      sampled: 1,
      failed: 0,
    });
  });

  it("holds 256 clusters of a node, and keeps what Envoy answered by itself under the empty name", () => {
    const store = new AccessSamples();
    const many = Array.from({ length: 400 }, (_, index) => sample(1, 200, `c${index}`));
    store.observe("edge-1", 0, [...many, sample(1, 404, "")]);

    const [node] = store.snapshot(0);
    assert.equal(node?.clusters.length, 256);
    assert.equal(node?.clusters[0]?.cluster, "");
  });
});
