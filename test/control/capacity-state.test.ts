import assert from "node:assert/strict";
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { openCapacity } from "../../src/control/capacity-state.ts";
import { openLibsqlStore } from "../../src/store/libsql-store.ts";
import { LoopRig } from "./loop-rig.ts";

describe("capacity memory over a restart of the control plane", () => {
  let folder: string;
  let problems: string[];

  beforeEach(() => {
    folder = temporaryFolder();
    problems = [];
  });

  /** A control plane with its own store on the folder, until `stop`. */
  const start = async () => {
    const store = openLibsqlStore({
      dir: folder,
      fields: {},
      nowMs: () => performance.now(),
    });
    const capacity = await openCapacity(store, (why) => problems.push(why));
    return { rig: new LoopRig(capacity), store, stop: () => store.close() };
  };
  const edge = ({ published }: LoopRig) => published.filter((line) => line.startsWith("edge"));

  it("publishes limit 64 with the first snapshot, the very version the Envoys hold", async () => {
    const first = await start();
    first.rig.setIntent();
    first.rig.run(40, 64);
    await first.stop();

    const second = await start();
    second.rig.setIntent();
    second.rig.run(40, 70);
    await second.stop();

    assert.deepEqual(edge(first.rig), ["edge -", "edge 64"]);
    assert.deepEqual(edge(second.rig), ["edge 64"]);
    assert.equal(second.rig.versions[0], first.rig.versions.at(-1));
    assert.deepEqual(problems, []);
  });

  it("has limit 64 for an Envoy that connects to the third control plane before any has reported", async () => {
    for (const seconds of [40, 0]) {
      const plane = await start();
      plane.rig.setIntent();
      plane.rig.run(seconds, 64);
      await plane.stop();
    }
    const third = await start();

    third.rig.setIntent();
    third.rig.connect("edge-9");
    await third.stop();

    assert.deepEqual(edge(third.rig), ["edge 64"]);
  });

  it("begins anew with one sentence when what was saved is not what it reads", async () => {
    const before = await start();
    await before.store.put(
      "capacity",
      JSON.stringify({ version: 1, value: { "gateway/edge": { checkout: { limit: -1 } } } }),
    );
    await before.stop();

    const plane = await start();
    plane.rig.setIntent();
    plane.rig.run(40, 64);
    await plane.stop();

    assert.deepEqual(edge(plane.rig), ["edge -", "edge 64"]);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^state capacity: gateway\/edge\.checkout\.limit: /);
  });

  it("goes on without keeping when the store is gone, and says so", async () => {
    const plane = await start();
    await plane.stop();

    plane.rig.setIntent();
    plane.rig.run(40, 64);
    await turnOfLoop();

    assert.deepEqual(edge(plane.rig), ["edge -", "edge 64"]);
    assert.deepEqual(problems, Array(2).fill("the store is closed."));
  });
});
