import assert from "node:assert/strict";
import { isIn } from "../../../src/decide/act/node-share.ts";
import { toRecord } from "../../../src/decide/engine/news.ts";
import type { Order } from "../../../src/decide/engine/order.ts";
import { stepPolicy } from "../../../src/decide/engine/policy.ts";
import type { PolicyState } from "../../../src/decide/engine/policy-state.ts";
import type { PolicyTick } from "../../../src/decide/engine/policy-tick.ts";
import type { DecisionRecord } from "../../../src/decide/record.ts";
import type { Policy } from "../../../src/policy/intent/policy.ts";
import { policy } from "../../support/automation.ts";

const POLICY = policy({
  name: "db-backpressure",
  owner: "team-events",
  scope: { labels: {} },
  when: { text: 'pAbove("db.latency.p95", 0.12, "30s") > 0.9', reads: [] },
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [
    { kind: "rateLimit", name: "invoke", factor: 0.5, tiers: [] },
    { kind: "rateLimit", name: "invoke", factor: 0.1, tiers: [] },
    { kind: "notify", severity: "page", to: "team-events" },
  ],
  guard: { minIntervalSeconds: 60, budgetPerHour: 5, floor: {}, exempt: [] },
  verify: {
    signal: "db.latency.p95",
    improve: { kind: "relative", ratio: 0.2 },
    sustainedSeconds: 120,
    withinSeconds: 300,
  },
});

/** A Policy in a world of four numbers. */
class Rig {
  readonly records: DecisionRecord[] = [];
  state: PolicyState | undefined;
  tick = 1000;
  when: boolean | undefined = false;
  measured: number | undefined = 100;
  chance = 0.99;
  rests: string | undefined;
  spent: string | undefined;
  orders: Order[] = [];
  nodes: readonly string[] = [];
  touched: ReturnType<PolicyTick["touchedBy"]>;
  goodDenied: number | undefined;
  /** What conditions beside `when` say of what they are told. */
  says: (locals: Readonly<Record<string, unknown>>) => boolean | undefined = () => undefined;
  forbids: (affected: number | undefined) => boolean = () => false;
  compared: ReturnType<PolicyTick["compare"]>;

  constructor(readonly policy: Policy = POLICY) {}

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      const turn = stepPolicy(this.policy, this.state, this.#at());
      this.orders = [];
      this.state = turn.state;
      const at = { tick: this.tick, policySetDigest: "d" };
      this.records.push(...turn.news.map((each) => toRecord(each, at)));
      this.tick += 1;
    }
    return this;
  }

  get told(): string {
    return this.records.map(({ body }) => body.verdict).join(", ");
  }

  get factor(): number | undefined {
    const move = this.state?.active?.action?.move;
    return move?.kind === "rateLimit" ? move.factor : undefined;
  }

  #at(): PolicyTick {
    return {
      tick: this.tick,
      check: ({ text }, locals = {}) => ({
        value: text === this.policy.when.text ? this.when : this.says(locals),
        seen: [],
        unknown: ["db.latency.p95 is blind"],
        claims: [],
      }),
      measure: () => this.measured,
      compare: () => this.compared,
      touchedBy: () => this.touched,
      affected: () => undefined,
      goodDenied: () => this.goodDenied,
      nodesOf: () => this.nodes,
      history: () => Array.from({ length: 90 }, (_, at) => 100 + (at % 3)),
      resolve: (action) => action,
      planShift: () => undefined,
      guard: (_, affected) => [
        { name: "blast", passed: !this.forbids(affected), text: `${affected}` },
      ],
      weigh: (actions, { method }) => ({
        choices: actions.map((action) => ({
          weighed: { action: action?.kind ?? "nothing", text: "", why: "" },
          isWorth: method === "rules" || this.chance >= 0.9,
        })),
        believed: [],
      }),
      problem: () => undefined,
      instrument: () => undefined,
      mayMove: () => this.spent,
      isSpent: () => this.spent !== undefined,
      orders: this.orders,
      restsBecause: this.rests,
    };
  }
}

describe("a policy", () => {
  it("acts once its condition holds, and calls it a success after 120 s of 20 % less", () => {
    const rig = new Rig();
    rig.run(10);
    rig.when = true;
    rig.run(5);
    assert.equal(rig.factor, 0.5);
    rig.measured = 79;
    rig.run(121);
    assert.equal(rig.told, "act, success");
    assert.equal(rig.factor, 0.5);
  });

  it("calls the same improvement no success when it comes 200 s after the action", () => {
    const rig = new Rig();
    rig.when = true;
    rig.run(200);
    rig.measured = 79;
    rig.run(121);
    assert.equal(rig.told, "act, recovered");
  });

  it("lets go 60 s after its condition ended, and begins anew with the first action", () => {
    const rig = new Rig();
    rig.when = true;
    rig.run(5);
    rig.when = false;
    rig.run(61);
    assert.equal(rig.told, "act, release");
    rig.when = true;
    rig.run(1);
    assert.equal(rig.factor, 0.5);
  });

  it("takes back what did not help within 300 s, tries the next, and opens its breaker after the second", () => {
    const rig = new Rig();
    rig.when = true;
    rig.run(302);
    assert.equal(rig.told, "act, no effect");
    rig.run(1);
    assert.equal(rig.factor, 0.1);
    rig.run(301);
    assert.equal(rig.told, "act, no effect, act, no effect, open breaker");
    rig.run(600);
    assert.equal(rig.factor, undefined);
    assert.match(rig.told, /open breaker, hold$/);
  });

  it("takes back at once what made it half as bad again, after the 15 s an action needs", () => {
    const rig = new Rig();
    rig.when = true;
    rig.run(1);
    rig.measured = 151;
    rig.run(15);
    assert.equal(rig.told, "act, revert");
  });

  it("does nothing, and says so once in 100 s, while its condition is unknown, it rests or its budget is spent", () => {
    const unknown = new Rig();
    unknown.when = undefined;
    assert.equal(unknown.run(100).told, "hold");
    const resting = new Rig();
    resting.when = true;
    resting.rests = "frozen: automation is stopped by hand";
    assert.equal(resting.run(100).told, "hold");
    const spent = new Rig();
    spent.when = true;
    spent.spent = "the knob has moved 5 times within the hour";
    assert.equal(spent.run(100).told, "hold");
  });

  it("holds while the chance of a benefit is below the 0.9 it needs; as `rules` it acts without", () => {
    const rig = new Rig();
    rig.when = true;
    rig.chance = 0.89;
    assert.equal(rig.run(50).told, "hold");
    const rules = new Rig({ ...POLICY, method: "rules" });
    rules.when = true;
    rules.chance = 0;
    assert.equal(rules.run(1).told, "act");
  });

  it("changes nothing in shadow, and tells what it would have done", () => {
    const rig = new Rig({ ...POLICY, mode: "shadow" });
    rig.when = true;
    rig.run(1);
    assert.equal(rig.state?.active?.action?.isShadow, true);
    assert.equal(rig.records[0]?.body.mode, "shadow");
  });

  it("waits for 2 approvals of sre by order, each person once, and acts with the second", () => {
    const approval = { need: 2, from: ["sre"], withinSeconds: 600, else: "hold" as const };
    const rig = new Rig({ ...POLICY, approval });
    rig.when = true;
    rig.run(5);
    const decision = rig.state?.pending?.decision ?? "";
    assert.equal(decision, rig.records[0]?.id);
    const yes = (by: string, roles: string[]): Order => ({
      by,
      roles,
      what: { kind: "approve", decision },
    });
    rig.orders = [yes("ann", ["sre"]), yes("ann", ["sre"]), yes("bob", ["viewer"])];
    rig.run(1);
    assert.equal(rig.told, "ask");
    rig.orders = [yes("cid", ["sre"])];
    rig.run(1);
    assert.equal(rig.told, "ask, act");
  });

  const HALF: Policy = { ...POLICY, mode: "canary", canary: { nodesRatio: 0.1, forSeconds: 120 } };
  const TWENTY = Array.from({ length: 20 }, (_, at) => `edge-${at}`);
  const treatedBy = ({ state }: Rig): number => {
    const nodes = state?.active?.action?.nodes;
    return TWENTY.filter((id) => nodes === undefined || isIn(nodes, id)).length;
  };

  it("acts on 2 of 20 Envoys for 120 s as a canary, then on all, under one id", () => {
    const rig = new Rig(HALF);
    rig.nodes = TWENTY;
    rig.when = true;
    rig.run(1);
    const id = rig.state?.active?.action?.id;
    assert.equal(treatedBy(rig), 2);
    rig.run(119);
    assert.equal(treatedBy(rig), 2);
    rig.run(1);
    assert.equal(treatedBy(rig), 20);
    assert.equal(rig.state?.active?.action?.id, id);
    assert.equal(rig.told, "act, widen");
  });

  it("never widens while what it verifies is unknown, for 600 s", () => {
    const rig = new Rig(HALF);
    rig.nodes = TWENTY;
    rig.when = true;
    rig.run(1);
    rig.measured = undefined;
    rig.run(600);
    assert.equal(treatedBy(rig), 2);
  });

  it("takes a canary back at once when its Envoys do worse than the others: 20 % bad beside 2 %", () => {
    const rig = new Rig(HALF);
    rig.nodes = TWENTY;
    rig.when = true;
    rig.compared = { treated: { bad: 2, of: 10 }, held: { bad: 2, of: 100 } };
    rig.run(60);
    assert.equal(rig.told.startsWith("act, revert"), true, rig.told);
  });

  const HELD: Policy = { ...POLICY, verify: { ...POLICY.verify!, holdBackRatio: 0.05 } };

  it("holds back 1 of 20 Envoys until it is shown to help there, beside it, for 120 s: then nobody", () => {
    const rig = new Rig(HELD);
    rig.nodes = TWENTY;
    rig.when = true;
    rig.run(1);
    assert.equal(treatedBy(rig), 19);
    rig.measured = 50;
    rig.compared = { treated: { bad: 10, of: 190 }, held: { bad: 2, of: 10 } };
    rig.run(121);
    assert.equal(rig.told, "act, success");
    assert.equal(treatedBy(rig), 20);
  });

  it("asks no more of the whole than of the canary: where that is down to 0 already, all is a success 120 s later", () => {
    const rig = new Rig({ ...HALF, verify: HELD.verify! });
    rig.nodes = TWENTY;
    rig.when = true;
    rig.run(1);
    rig.measured = 0;
    rig.compared = { treated: { bad: 0, of: 190 }, held: { bad: 2, of: 10 } };
    rig.run(120 + 121);
    assert.equal(rig.told, "act, widen, success");
  });

  it("calls a recovery that comes to the Envoys held back as well no success", () => {
    const rig = new Rig(HELD);
    rig.nodes = TWENTY;
    rig.when = true;
    rig.run(1);
    rig.measured = 50;
    rig.compared = { treated: { bad: 19, of: 190 }, held: { bad: 1, of: 10 } };
    rig.run(301);
    assert.equal(rig.told, "act, recovered");
  });

  it("is a shadow for 60 s first, and goes no further if it would touch 3 % where 2 % are allowed", () => {
    const guard = { ...POLICY.guard, shadowFirstSeconds: 60, maxTrafficShare: 0.02 };
    for (const [touched, told] of [
      [0.03, "act, revert"],
      [0.01, "act, widen"],
    ] as const) {
      const rig = new Rig({ ...POLICY, guard });
      rig.when = true;
      rig.touched = { refused: touched * 1000, judged: 1000 };
      rig.run(1);
      assert.equal(rig.state?.active?.action?.isShadow, true);
      rig.run(60);
      assert.equal(rig.told, told);
    }
  });

  it("stays a shadow after its 60 s while it is not known what it would refuse", () => {
    const guard = { ...POLICY.guard, shadowFirstSeconds: 60, maxTrafficShare: 0.02 };
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    const rig = new Rig({ ...POLICY, guard, then: [{ kind: "deny", cidr: "10.9.0.0/16" }] });
    rig.when = true;
    rig.run(120);
    assert.equal(rig.told, "act");
    rig.touched = { refused: 1, judged: 200 };
    rig.run(1);
    assert.equal(rig.told, "act, widen");
    assert.deepEqual(rig.records[1]?.body.seen, [
      {
        what: "shadow: requests it would have refused",
        value: "1 of 200, 0.5 %",
        threshold: "at most 2 %",
      },
    ]);
  });

  describe("that denies, with a shadow first", () => {
    const DENIAL: Policy = {
      ...POLICY,
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      then: [{ kind: "deny", cidr: "10.9.0.0/16" }],
      guard: { ...POLICY.guard, shadowFirstSeconds: 60 },
      approval: {
        ...{ need: 1, from: ["secops"], withinSeconds: 300, else: "deny" },
        onlyIf: { text: "affected.share > 0.005", reads: [] },
      },
    };
    const asked = (parts: Partial<Policy> = {}) => {
      const rig = new Rig({ ...DENIAL, ...parts });
      rig.says = (locals) => Number(locals["affected.share"]) > 0.005;
      rig.when = true;
      return rig;
    };

    it("asks people after the shadow has shown 1 %, goes on once secops approves, and not for 0.4 %", () => {
      const rig = asked();
      rig.touched = { refused: 10, judged: 1000 };
      rig.run(100);
      assert.equal(rig.told, "act, ask");
      assert.equal(rig.state?.active?.action?.isShadow, true);
      const decision = rig.state?.pending?.decision ?? "";
      assert.equal(decision, rig.records[1]?.id);
      rig.orders = [{ by: "ann", roles: ["secops"], what: { kind: "approve", decision } }];
      rig.run(1);
      assert.equal(rig.told, "act, ask, widen");
      assert.equal(rig.state?.pending, undefined);
      const few = asked();
      few.touched = { refused: 4, judged: 1000 };
      few.run(61);
      assert.equal(few.told, "act, widen");
    });

    it("ends as a shadow when people refuse it, or a Guardrail forbids the 1 % that it would touch", () => {
      const refused = asked();
      refused.touched = { refused: 10, judged: 1000 };
      refused.run(61);
      const decision = refused.state?.pending?.decision ?? "";
      refused.orders = [{ by: "ann", roles: ["secops"], what: { kind: "reject", decision } }];
      refused.run(1);
      assert.equal(refused.told, "act, ask, withdraw");
      const { approval: _, ...free } = DENIAL;
      const forbidden = new Rig(free);
      forbidden.when = true;
      forbidden.forbids = (affected) => affected !== 0;
      forbidden.touched = { refused: 10, judged: 1000 };
      forbidden.run(61);
      assert.equal(forbidden.told, "act, withdraw");
      assert.match(forbidden.records[1]?.body.because[0] ?? "", /blast forbids it: 0\.01/);
    });

    it("lets everybody in again once 2 % of the requests are of others it takes along, where 1 % is watched", () => {
      const watch = { text: "good.requests.denied.share < 0.01", reads: [] };
      const { approval: _, verify, ...free } = DENIAL;
      const rig = new Rig({ ...free, verify: { ...verify!, watch } });
      rig.says = (locals) => {
        const share = locals["good.requests.denied.share"];
        return share === undefined ? undefined : Number(share) < 0.01;
      };
      rig.when = true;
      rig.touched = { refused: 1, judged: 1000 };
      rig.run(61);
      rig.goodDenied = 0.005;
      rig.run(10);
      assert.equal(rig.told, "act, widen");
      rig.goodDenied = 0.02;
      rig.run(1);
      assert.equal(rig.told, "act, widen, revert");
    });
  });

  it("takes back what it did when its document is switched off", () => {
    const rig = new Rig();
    rig.when = true;
    rig.run(2);
    const off = new Rig({ ...POLICY, mode: "off" });
    off.state = { ...rig.state!, key: rig.state!.key };
    off.run(1);
    assert.equal(off.state?.active, undefined);
  });
});
