import assert from "node:assert/strict";
import { History, pointsOf } from "../../src/api/history.ts";
import { JudgementLog } from "../../src/api/judgement-log.ts";
import type { SheddingView } from "../../src/api/view/mesh.ts";
import { nodeDocument, statusDocument } from "./documents.ts";

const START = 1_700_000_100;

function filled(seconds: number): History {
  const history = new History();
  for (let at = 0; at < seconds; at++) history.add(START + at, new Map([["a/x", at]]));
  return history;
}

describe("history", () => {
  it("gives the last 900 s by the second, oldest first", () => {
    const { stepSeconds, times, series } = filled(1000).read("a/", 900);

    assert.equal(stepSeconds, 1);
    assert.equal(times.length, 900);
    assert.equal(times[0], START + 100);
    assert.deepEqual(series[0]?.values.slice(0, 2), [100, 101]);
    assert.equal(series[0]?.values.at(-1), 999);
  });

  it("gives 6 hours in 1,440 points of 15 s", () => {
    const { stepSeconds, times } = filled(30_000).read("", 21_600);

    assert.equal(stepSeconds, 15);
    assert.equal(times.length, 1440);
  });

  it("leaves a gap where nothing was said, and none of an older hour shows through it", () => {
    const history = filled(950);
    history.add(START + 960, new Map([["a/x", 7]]));

    const { values } = history.read("a/", 20).series[0]!;

    assert.deepEqual(values.slice(8), [948, 949, ...Array<null>(10).fill(null), 7].slice(-12));
  });

  it("takes no point of a clock that runs back", () => {
    const history = filled(10);
    history.add(START - 5, new Map([["a/x", 99]]));

    assert.equal(history.newest.series[0]?.values[0], 9);
  });

  it("keeps 512 series and forgets one that was silent for all of its time", () => {
    const history = new History();
    const many = new Map(Array.from({ length: 600 }, (_, at) => [`s/${at}`, 1] as const));
    history.add(START, many);
    assert.equal(history.read("s/", 900).series.length, 512);

    for (let at = 1; at < 1801; at++) history.add(START + at, new Map([["t/0", 1]]));
    assert.equal(history.read("s/", 900).series.length, 0);
  });

  it("sums limit and in flight over 2 Envoys, and takes nothing of a blind one", () => {
    const blind = nodeDocument({ id: "edge-3" });
    const nodes = [
      nodeDocument(),
      nodeDocument({ id: "edge-2" }),
      { ...blind, evidence: { ...blind.evidence!, state: "blind" as const } },
    ];
    const one = pointsOf(statusDocument());
    const sum = pointsOf(statusDocument({ nodes }));

    assert.equal(one.get("shedding/checkout/inflight"), 16);
    assert.equal(sum.get("shedding/checkout/inflight"), 32);
  });
});

describe("log of judgements", () => {
  const shedding = (state: SheddingView["state"], node = "edge-1"): SheddingView => ({
    ...{ shedding: "checkout", node, state, why: `It is ${state}.`, tiers: [] },
    bounds: { min: 4, max: 1000, initial: 16 },
  });

  it("holds 3 changes of 5 looks, newest first, each with what was before", () => {
    const log = new JudgementLog();
    const states = ["healthy", "healthy", "saturated", "saturated", "healthy"] as const;
    states.forEach((state, at) => {
      log.observe(START + at, [shedding(state)]);
    });

    assert.deepEqual(
      log.newest.map(({ from, to }) => [from, to]),
      [
        ["saturated", "healthy"],
        ["healthy", "saturated"],
        [undefined, "healthy"],
      ],
    );
    assert.equal(new Set(log.newest.map(({ id }) => id)).size, 3);
  });

  it("keeps 500", () => {
    const log = new JudgementLog();
    for (let at = 0; at < 600; at++)
      log.observe(START + at, [shedding(at % 2 === 0 ? "healthy" : "saturated")]);

    assert.equal(log.newest.length, 500);
  });
});
