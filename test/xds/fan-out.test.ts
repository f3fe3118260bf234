import assert from "node:assert/strict";
import { CLUSTER_TYPE, RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import { SnapshotCache } from "../../src/xds/cache.ts";
import { FanOut, laneOf } from "../../src/xds/fan-out.ts";
import { createSnapshot } from "../../src/xds/snapshot.ts";

const clusters = (content: string) => resource(CLUSTER_TYPE, content);
const limits = (content: string) => resource(RUNTIME_TYPE, content);

function resource(typeUrl: string, content: string) {
  return { typeUrl, name: "a", value: Buffer.from(content) };
}

/** Who is visited counts only when one of them refuses. */
const N = { nodeId: "n", wants: () => true };

/** A clock that moves 1 ms whenever it is read, and slices that run when told. */
function rig() {
  let nowMs = 0;
  const slices: (() => void)[] = [];
  const fanOut = new FanOut({ nowMs: () => nowMs++, defer: (slice) => slices.push(slice) });
  const runSlice = () => slices.shift()?.();
  return { fanOut, cache: new SnapshotCache(fanOut), slices, runSlice };
}

describe("fan-out", () => {
  it("tells every watcher of the key, after the publish and not within it, until it cancels", () => {
    const { cache, runSlice } = rig();
    const seen: string[] = [];
    const cancelFirst = cache.watch("k", N, () => seen.push("first"));
    cache.watch("k", N, () => seen.push("second"));
    cache.watch("other", N, () => seen.push("other"));

    cache.set("k", createSnapshot([]));
    assert.deepEqual(seen, []);
    runSlice();
    cache.set("k", createSnapshot([]));
    cancelFirst();
    runSlice();

    assert.deepEqual(seen, ["first", "second", "second"]);
  });

  it("keeps watchers through a delete, and tells them nothing of it", () => {
    const { cache, runSlice } = rig();
    let calls = 0;
    cache.watch("k", N, () => calls++);
    cache.set("k", createSnapshot([]));
    assert.equal(cache.delete("k"), true);
    assert.equal(cache.get("k"), undefined);
    runSlice();
    assert.equal(calls, 0);

    cache.set("k", createSnapshot([]));
    runSlice();
    assert.equal(calls, 1);
  });

  it("visits a stream once with the newest of 5 snapshots that came before its turn", () => {
    const { cache, runSlice } = rig();
    const seen: string[] = [];
    cache.watch("k", N, () => seen.push(cache.get("k")?.types.get(CLUSTER_TYPE)?.version ?? ""));
    const snapshots = ["1", "2", "3", "4", "5"].map((content) =>
      createSnapshot([clusters(content)]),
    );
    for (const snapshot of snapshots) cache.set("k", snapshot);
    runSlice();

    assert.deepEqual(seen, [snapshots[4]?.types.get(CLUSTER_TYPE)?.version]);
  });

  it("lets other work in after 10 ms, so 25 visits of 1 ms take 3 slices", () => {
    const { cache, slices, runSlice } = rig();
    let visits = 0;
    for (let stream = 0; stream < 25; stream++) cache.watch("k", N, () => visits++);
    cache.set("k", createSnapshot([]));

    const perSlice: number[] = [];
    while (slices.length > 0) {
      const before = visits;
      runSlice();
      perSlice.push(visits - before);
    }
    assert.deepEqual(perSlice, [10, 10, 5]);
  });

  it("serves a critical change for 5 streams before the 20 that wait for a normal one, each once", () => {
    const { cache, slices, runSlice } = rig();
    const seen: string[] = [];
    for (let stream = 0; stream < 20; stream++) cache.watch("fleet", N, () => seen.push("fleet"));
    for (let stream = 0; stream < 5; stream++) cache.watch("front", N, () => seen.push("front"));
    cache.set("fleet", createSnapshot([clusters("1")]));
    cache.set("front", createSnapshot([clusters("1"), limits("1")]));
    cache.set("front", createSnapshot([clusters("1"), limits("2")]));
    while (slices.length > 0) runSlice();

    assert.deepEqual(seen.slice(0, 5), Array(5).fill("front"));
    assert.deepEqual(seen.slice(5), Array(20).fill("fleet"));
  });

  it("lets a cold start of 5000 arrivals of 1 ms hold up a critical change for one slice of 5 ms, and lets them in during 50 pushes a second", () => {
    let nowMs = 0;
    const slices: (() => void)[] = [];
    const fanOut = new FanOut({ nowMs: () => nowMs, defer: (slice) => slices.push(slice) });
    const takes = (ms: number, then: () => void) => () => {
      nowMs += ms;
      then();
    };
    let arrived = 0;
    const arrivals = Array.from({ length: 5000 }, () => takes(1, () => arrived++));
    fanOut.add(arrivals, "bulk");
    const waits: number[] = [];
    while (arrived < 5000) {
      const sinceMs = nowMs;
      // A push that never ends, and on top of it one critical change a slice.
      fanOut.add(
        Array.from({ length: 100 }, () => takes(1, () => undefined)),
        "normal",
      );
      slices.shift()?.();
      fanOut.add([takes(0, () => waits.push(nowMs - sinceMs))], "critical");
    }
    assert.ok(Math.max(...waits) <= 10 + 5, `waited ${Math.max(...waits)} ms`);
    assert.equal(nowMs, 1000 * (10 + 5));
  });

  it("calls a change critical if runtime or extension configs changed and nothing else", () => {
    const before = createSnapshot([clusters("1"), limits("1")]);
    assert.equal(laneOf(before, createSnapshot([clusters("1"), limits("2")])), "critical");
    assert.equal(laneOf(before, createSnapshot([clusters("2"), limits("2")])), "normal");
    assert.equal(laneOf(before, createSnapshot([clusters("1"), limits("1")])), "normal");
    assert.equal(laneOf(undefined, before), "normal");
  });
});
