import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { engineTrace, type MadeUpMesh } from "../../../bench/decisions/engine-trace.ts";
import { smallMesh } from "../../../bench/decisions/meshes.ts";
import { isIn } from "../../../src/decide/act/node-share.ts";
import { EngineReplayer, type EngineTraceLine } from "../../../src/decide/replay/engine-replay.ts";
import { GOLDEN, goldenFile } from "../../support/golden-traces.ts";

function replay(lines: Iterable<EngineTraceLine>, instead?: MadeUpMesh["policySet"]) {
  const replayer = new EngineReplayer(instead);
  for (const line of lines) replayer.take(line);
  return replayer.result();
}

function written(mesh: MadeUpMesh): EngineTraceLine[] {
  return [...engineTrace(mesh)].map((line) => JSON.parse(JSON.stringify(line)) as EngineTraceLine);
}

describe("the engine replayed", () => {
  for (const name of Object.keys(GOLDEN)) {
    it(`decides test/golden/${name}.jsonl again, equal to the byte`, () => {
      const lines = readFileSync(goldenFile(name), "utf8").trimEnd().split("\n");
      const { turns, records, differing } = replay(
        lines.map((line) => JSON.parse(line) as EngineTraceLine),
      );
      assert.deepEqual(differing, []);
      assert.ok(
        turns === GOLDEN[name]?.ticks && records >= 5,
        `${turns} turns, ${records} records`,
      );
    });
  }

  it("decides again alike what was made of seeds 1 to 3, with another traffic each", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const mesh = { policySet: smallMesh(2), ticks: 200, seed, rps: 30 };
      assert.equal(replay(written(mesh)).differingTurns, 0, `seed ${seed}`);
    }
  });

  it("knows which 2 of 10 Envoys an action held on first, and decides otherwise once it was told of none", () => {
    const lines = written(GOLDEN["canary-and-backpressure"]!);
    const holders = lines.flatMap((line) =>
      line.kind === "turn"
        ? line.records.flatMap(({ body }) => {
            const share = body.action?.nodes;
            const ids = line.mesh?.nodes?.[""] ?? [];
            return share === undefined ? [] : ids.filter((id) => isIn(share, id)).length;
          })
        : [],
    );
    assert.ok(holders.includes(2), holders.join());
    assert.equal(replay(lines).differingTurns, 0);
    const without = lines.map((line) => (line.kind === "turn" ? { ...line, mesh: {} } : line));
    assert.ok(replay(without).differingTurns > 0);
  });

  it("says where a record of the capture was changed by a word", () => {
    const lines = written({ policySet: smallMesh(1), ticks: 100, seed: 3, rps: 30 });
    const at = lines.findIndex((line) => line.kind === "turn" && line.records.length > 0);
    const line = lines[at] as EngineTraceLine & { kind: "turn" };
    const text = JSON.stringify(line).replace('"because":["', '"because":["Not ');
    lines[at] = JSON.parse(text) as EngineTraceLine;
    const { differing, differingTurns } = replay(lines);
    assert.equal(differingTurns, 1);
    assert.equal(differing[0]?.tick, line.tick);
  });

  it("says what another intent would have decided: without the rollout none of its records", () => {
    const lines = written({ policySet: smallMesh(1), ticks: 300, seed: 3, rps: 50 });
    const instead = { ...smallMesh(1), rollouts: [] };
    const { differing } = replay(lines, instead);
    const rollouts = (of: "onlyCaptured" | "onlyReplayed") =>
      differing.flatMap((each) => each[of].filter(({ subject }) => subject.kind === "Rollout"));
    assert.ok(rollouts("onlyCaptured").length >= 2);
    assert.deepEqual(rollouts("onlyReplayed"), []);
  });

  it("undoes a turn that could not be stored", () => {
    const lines = written({ policySet: smallMesh(1), ticks: 60, seed: 3, rps: 50 });
    const at = lines.findIndex((line) => line.kind === "turn" && line.records.length > 0);
    const turn = lines[at] as EngineTraceLine & { kind: "turn" };
    const again = { ...turn, tick: turn.tick };
    lines.splice(at + 1, 0, { kind: "undone", tick: turn.tick }, again);
    assert.equal(replay(lines).differingTurns, 0);
  });
});
