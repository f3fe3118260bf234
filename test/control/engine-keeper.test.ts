import assert from "node:assert/strict";
import { type EngineJournal, EngineKeeper } from "../../src/control/engine-keeper.ts";
import { Progress } from "../../src/control/progress.ts";
import type { EngineState } from "../../src/decide/engine/state.ts";
import type { DecisionRecord } from "../../src/decide/record.ts";
import { FakeEvidence } from "../decide/engine/fake-evidence.ts";
import { policySet } from "../support/policy-set.ts";

/** A journal in memory, which can be made to fail. */
class FakeJournal implements EngineJournal {
  readonly records: DecisionRecord[] = [];
  state: EngineState | undefined;
  isFull = false;

  async load() {
    return this.state;
  }

  async write(records: readonly DecisionRecord[], state: EngineState) {
    if (this.isFull) throw new Error("the disk is full.");
    this.records.push(...records);
    this.state = state;
  }
}

const SET = policySet();
const freeze = { by: "ann", roles: [], reason: "drill", what: { kind: "freeze" as const } };

describe("the engine's keeper", () => {
  const evidence = new FakeEvidence().at(1000);

  it("decides nothing while it cannot be written down, keeps the order, and follows it once it can", async () => {
    const journal = new FakeJournal();
    const keeper = new EngineKeeper(journal, () => undefined);
    journal.isFull = true;
    const answer = keeper.order(freeze);
    await keeper.turn(SET, evidence, 1000);
    const frozenBy = () => keeper.state.frozen?.by;
    assert.equal(frozenBy(), undefined);
    assert.equal(keeper.stuck, "the disk is full.");
    journal.isFull = false;
    await keeper.turn(SET, evidence, 1001);
    assert.equal(frozenBy(), "ann");
    assert.equal(keeper.stuck as string | undefined, undefined);
    assert.deepEqual(
      (await answer).map(({ body }) => body.verdict),
      ["freeze"],
    );
  });

  it("is frozen still after a restart", async () => {
    const journal = new FakeJournal();
    const first = new EngineKeeper(journal, () => undefined);
    void first.order(freeze);
    await first.turn(SET, evidence, 1000);
    const second = new EngineKeeper(journal, () => undefined);
    await second.load();
    assert.equal(second.state.frozen?.reason, "drill");
  });

  it("judges a second once: the same tick again, or an older one, does nothing", async () => {
    const journal = new FakeJournal();
    const keeper = new EngineKeeper(journal, () => undefined);
    void keeper.order(freeze);
    await keeper.turn(SET, evidence, 1000);
    void keeper.order({ ...freeze, what: { kind: "unfreeze" } });
    await keeper.turn(SET, evidence, 1000);
    await keeper.turn(SET, evidence, 999);
    assert.equal(journal.records.length, 1);
  });
});

describe("progress of a push", () => {
  const BEFORE = { ingestSeconds: 0.4, evaluationSeconds: 0.02 };
  const holder = (nodeId: string, state: "SYNCED" | "STALE" | "REJECTED", isConnected = true) => ({
    nodeId,
    isConnected,
    types: [{ state, rejections: state === "REJECTED" ? [{ name: "r", message: "no" }] : [] }],
  });

  it("is told once all 2 connected Envoys hold it, with the time of the last answer: 0.30 s", () => {
    const progress = new Progress();
    progress.begin({ causes: ["d1"], sinceMs: 1000, ...BEFORE });
    progress.noteAnswer(1300);
    const away = holder("c", "STALE", false);
    assert.equal(
      progress.look([holder("a", "SYNCED"), holder("b", "STALE"), away], 2000),
      undefined,
    );
    const news = progress.look([holder("a", "SYNCED"), holder("b", "SYNCED"), away], 3000);
    assert.equal(news?.body.verdict, "applied");
    assert.deepEqual(news?.body.because, ["All 2 Envoys hold it, the last after 0.30 s."]);
    assert.equal(progress.look([holder("a", "SYNCED")], 4000), undefined);
  });

  it("splits 0.72 s into ingest 0.4, evaluation 0.02, push 0.1 and acknowledgement 0.2 s", () => {
    const progress = new Progress();
    progress.noteSent(1100);
    progress.begin({ causes: ["d1"], sinceMs: 1000, ...BEFORE });
    progress.noteAnswer(1300);

    const news = progress.look([holder("a", "SYNCED")], 2000);

    assert.deepEqual(news?.body.seen, [
      { what: "ingest seconds", value: 0.4 },
      { what: "evaluation seconds", value: 0.02 },
      { what: "push seconds", value: 0.1 },
      { what: "ack seconds", value: 0.2 },
    ]);
  });

  it("is partial when 1 of 2 refuses, in Envoy's words", () => {
    const progress = new Progress();
    progress.begin({ causes: ["d1"], sinceMs: 0, ...BEFORE });
    const news = progress.look([holder("a", "SYNCED"), holder("b", "REJECTED")], 1000);
    assert.equal(news?.body.verdict, "partial");
    assert.deepEqual(news?.body.because, [
      "1 of 2 Envoys refuse it, and keep what they had.",
      "b: r: no",
    ]);
  });

  it("is not told while nobody is connected, nor in the first 0.5 s", () => {
    const progress = new Progress();
    progress.begin({ causes: [], sinceMs: 0, ...BEFORE });
    assert.equal(progress.look([], 5000), undefined);
    assert.equal(progress.look([holder("a", "SYNCED")], 499), undefined);
  });
});
