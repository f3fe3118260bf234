import assert from "node:assert/strict";
import type { Order } from "../../../src/decide/engine/order.ts";
import { stepRollout } from "../../../src/decide/engine/rollout.ts";
import { mayFollow, whyNotFollow } from "../../../src/decide/engine/rollout-orders.ts";
import type { RolloutPhase, RolloutState } from "../../../src/decide/engine/rollout-state.ts";
import type { GuardVerdict } from "../../../src/decide/record.ts";
import { QUICK_JUDGE, rollout } from "../../support/automation.ts";
import { FakeEvidence } from "./fake-evidence.ts";

const ROLLOUT = rollout({
  stable: "v41",
  canary: "v42",
  steps: [
    { kind: "weight", percent: 5, forSeconds: 60 },
    { kind: "weight", percent: 20, forSeconds: 60 },
    { kind: "hold", role: "sre" },
    { kind: "weight", percent: 100, forSeconds: 0 },
  ],
  judge: QUICK_JUDGE,
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  deadline: { afterSeconds: 5400, then: "hold" },
});

const START = 1000;

/** A rollout under 200 requests a second, of which a share fails by version. */
class Rig {
  readonly told: string[] = [];
  readonly evidence = new FakeEvidence();
  state: RolloutState | undefined;
  tick = START;
  orders: Order[] = [];
  isFrozen = false;
  guards: GuardVerdict[] = [];
  /** Bad of 1000. */
  bad = { v41: 5, v42: 5 };
  hasTraffic = true;
  pinned: number | undefined;

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) this.#second();
    return this;
  }

  get percents(): string {
    return `${this.state?.phase} ${this.state?.percent}`;
  }

  #second(): void {
    const turn = stepRollout(ROLLOUT, this.state, {
      tick: this.tick,
      evidence: this.evidence.at(this.tick),
      orders: this.orders,
      isFrozen: this.isFrozen,
      ...(this.pinned !== undefined && { pinned: { percent: this.pinned, by: "alice" } }),
      guard: () => this.guards,
    });
    this.orders = [];
    this.state = turn.state;
    this.told.push(...turn.news.map(({ body }) => `${this.tick - START} ${body.verdict}`));
    const share = this.hasTraffic ? turn.state.percent / 100 : 0;
    const [v41, v42] = [200 * (1 - share), 200 * share];
    // Errors come evenly: whole ones as their sum passes the next whole number.
    const due = (perSecond: number) =>
      Math.floor(perSecond * (this.tick + 1)) - Math.floor(perSecond * this.tick);
    this.evidence.add(this.tick, {
      versions: {
        v41: [v41, due((v41 * this.bad.v41) / 1000)],
        v42: [v42, due((v42 * this.bad.v42) / 1000)],
      },
    });
    this.tick += 1;
  }
}

describe("a rollout", () => {
  it("goes 5, 20 %, waits for sre, and is whole after a promotion", () => {
    const rig = new Rig().run(1500);
    assert.equal(rig.percents, "waiting 20");
    const what = { kind: "promote" as const, rollout: "checkout" };
    rig.orders = [{ by: "bo", roles: ["operator"], what }];
    rig.run(1);
    assert.equal(rig.percents, "waiting 20");
    const why = whyNotFollow(ROLLOUT, rig.state!, { by: "bo", roles: ["operator"], what });
    assert.equal(why, "it waits for someone of role sre, which bo is not");
    assert.equal(
      whyNotFollow(ROLLOUT, rig.state!, { by: "local", roles: ["admin"], what }),
      undefined,
    );
    rig.orders = [{ by: "ann", roles: ["sre"], what: { kind: "promote", rollout: "checkout" } }];
    rig.run(1);
    assert.equal(rig.percents, "promoted 100");
    assert.deepEqual(
      rig.told.map((line) => line.split(" ")[1]),
      ["start", "advance", "advance", "hold", "advance"],
    );
  });

  it("stands at the 2 % that a person holds it at, says so once, and goes on from its step after that", () => {
    const rig = new Rig().run(30);
    rig.pinned = 2;
    rig.run(300);
    assert.equal(rig.percents, "progressing 2");
    rig.pinned = undefined;
    rig.run(59);
    assert.equal(rig.percents, "progressing 5");
    assert.deepEqual(rig.told, ["0 start", "30 hold"]);
  });

  it("is taken back, when it is worse, from the 50 % that a person holds it at", () => {
    const rig = new Rig();
    rig.pinned = 50;
    rig.bad = { v41: 5, v42: 100 };
    assert.equal(rig.run(600).percents, "rolled back 0");
  });

  it("is taken back within 60 s of a version that fails 20 times as often, and begins no second time", () => {
    const rig = new Rig();
    rig.bad = { v41: 5, v42: 100 };
    rig.run(600);
    assert.equal(rig.percents, "rolled back 0");
    const [start, back, ...more] = rig.told;
    assert.equal(start, "0 start");
    assert.match(back ?? "", /^[1-5]?\d roll$|^[1-5]?\d roll back$/);
    assert.deepEqual(more, []);
  });

  it("holds while the canary gets no traffic, for 3600 s, and says so once", () => {
    const rig = new Rig();
    rig.hasTraffic = false;
    rig.run(3600);
    assert.equal(rig.percents, "progressing 5");
    assert.deepEqual(rig.told, ["0 start", "60 hold"]);
  });

  it("does not move while automation is frozen, not even back", () => {
    const rig = new Rig();
    rig.isFrozen = true;
    rig.bad = { v41: 5, v42: 500 };
    rig.run(600);
    assert.equal(rig.percents, "progressing 5");
    rig.isFrozen = false;
    assert.equal(rig.run(1).percents, "rolled back 0");
  });

  it("does not pass a guardrail that forbids the next 20 %", () => {
    const rig = new Rig();
    rig.guards = [{ name: "blast-radius", passed: false, text: "canary.weight > 10" }];
    rig.run(1000);
    assert.equal(rig.percents, "progressing 5");
  });

  it("is judged while it is paused: 0 % once it is shown to be worse", () => {
    const rig = new Rig().run(10);
    rig.orders = [{ by: "ann", roles: [], what: { kind: "pause", rollout: "checkout" } }];
    rig.run(200);
    assert.equal(rig.percents, "paused 5");
    rig.bad = { v41: 5, v42: 200 };
    assert.equal(rig.run(200).percents, "rolled back 0");
  });

  it("does as it is told only where that makes sense: 1 of 5 orders once it is rolled back", () => {
    const kinds = ["abort", "pause", "resume", "promote", "retry"] as const;
    const told = (phase: RolloutPhase) => kinds.filter((kind) => mayFollow(kind, phase));
    assert.deepEqual(told("rolled back"), ["retry"]);
    assert.deepEqual(told("promoted"), ["abort", "retry"]);
    assert.deepEqual(told("paused"), ["abort", "resume", "promote"]);
    assert.deepEqual(told("progressing"), ["abort", "pause", "promote"]);
  });

  it("gives the same states for the same seconds, byte by byte", () => {
    const runs = [1, 2].map(() => JSON.stringify(new Rig().run(700).state));
    assert.equal(runs[0], runs[1]);
  });
});
