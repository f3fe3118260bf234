import assert from "node:assert/strict";
import { type Holder, Progress } from "../../src/control/progress.ts";

const holder = (state: "SYNCED" | "STALE"): Holder => ({
  nodeId: "edge-1",
  isConnected: true,
  types: [{ state, rejections: [] }],
});
const change = (cause: string, sinceMs: number) => ({
  causes: [cause],
  sinceMs,
  ingestSeconds: 0.6,
  evaluationSeconds: 0.1,
});

describe("how far a change has come", () => {
  it("is told of each of two decisions a second apart, once all hold it", () => {
    const progress = new Progress();
    progress.begin(change("a", 1000));
    progress.noteAnswer(1020);
    assert.deepEqual(progress.look([holder("SYNCED")], 2000)?.body.causes, ["a"]);
    progress.begin(change("b", 2000));
    assert.equal(progress.look([holder("SYNCED")], 2400), undefined);
    assert.deepEqual(progress.look([holder("SYNCED")], 3000)?.body.causes, ["b"]);
  });

  it("is told of both where the second began before all held the first, with the time since the first", () => {
    const progress = new Progress();
    progress.begin(change("a", 1000));
    assert.equal(progress.look([holder("STALE")], 2000), undefined);
    progress.begin(change("b", 2000));
    progress.noteSent(2010);
    progress.noteAnswer(2050);
    const told = progress.look([holder("SYNCED")], 3000);
    assert.deepEqual(told?.body.causes, ["a", "b"]);
    assert.deepEqual(told?.body.because, ["The one Envoy holds it after 1.05 s."]);
  });
});
