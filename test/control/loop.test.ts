import assert from "node:assert/strict";
import { shedding } from "../support/policy-set.ts";
import { INTENT, LoopRig } from "./loop-rig.ts";

describe("ControlLoop", () => {
  it("publishes every gateway once for an intent, without memory while nothing is known", () => {
    const rig = new LoopRig();

    rig.setIntent();
    rig.setIntent();

    assert.deepEqual(rig.published, ["edge -", "inner -"]);
  });

  it("publishes what an Envoy found once in 30 s, and only its own gateway", () => {
    const rig = new LoopRig();
    rig.setIntent();

    rig.run(29, 40);
    assert.deepEqual(rig.published.slice(2), []);
    rig.run(60, 40);
    assert.deepEqual(rig.published.slice(2), ["edge 40"]);
  });

  it("publishes nothing in 5 minutes of a limit that swings within 25 %", () => {
    const rig = new LoopRig();
    rig.setIntent();
    rig.run(30, 40);
    rig.published.length = 0;

    for (let i = 0; i < 150; i++) rig.run(2, i % 2 === 0 ? 49 : 33);

    assert.deepEqual(rig.published, []);
  });

  it("publishes at most 10 times in 5 minutes of a limit that doubles and halves each second", () => {
    const rig = new LoopRig();
    rig.setIntent();
    rig.run(30, 40);
    rig.published.length = 0;

    for (let i = 0; i < 300; i++) rig.run(1, i % 2 === 0 ? 80 : 20);

    assert.ok(rig.published.length >= 5 && rig.published.length <= 10, rig.published.join());
  });

  it("has limit 64 ready when an Envoy connects 5 s after the others found it", () => {
    const rig = new LoopRig();
    rig.setIntent();
    rig.run(5, 64);

    rig.connect("edge-2");
    rig.connect("edge-3");

    assert.deepEqual(rig.published.slice(2), ["edge 64"]);
  });

  it("keeps the memory over a change of intent, and drops that of a Shedding that is gone", () => {
    const rig = new LoopRig();
    rig.setIntent();
    rig.run(5, 64);
    rig.published.length = 0;

    rig.setIntent({ ...INTENT, digest: "1" });
    rig.setIntent({ ...INTENT, digest: "2", sheddings: [shedding({ name: "other" })] });
    rig.setIntent({ ...INTENT, digest: "3" });

    assert.deepEqual(
      rig.published.filter((line) => line.startsWith("edge")),
      ["edge 64", "edge -", "edge 64"],
    );
  });
});
