import assert from "node:assert/strict";
import { figureOf } from "../../bench/law/figures.ts";
import type { Result } from "../../bench/law/recorder.ts";
import { Rig } from "../../bench/law/rig.ts";
import { parseScenarios } from "../../bench/law/scenario.ts";
import type { Setup } from "../../bench/law/setup.ts";
import { OutboundShed } from "../../src/core/outbound-shed.ts";
import { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { CallingLaw, type Pick } from "../support/calling-law.ts";

/** Its constants were chosen on seeds 3001 to 3006. */
const SEEDS = [2001, 2002];

interface Run {
  readonly law: CallingLaw;
  readonly result: Result;
}

/** 16 slots, exponential times of 20 ms, tiers 10/30/60 %. `pick` absent: the service sheds alone. */
function runs(load: string, callers = 1, pick?: Pick): Run[] {
  const [scenario] = parseScenarios(`x | c16 r20 exp w1 t10,30,60 | ${load} end@15 | 4 | good>=0`);
  return SEEDS.map((seed) => {
    const setup: Setup = { ...scenario!.setup, seed };
    const law = new CallingLaw(setup, callers, pick);
    return { law, result: new Rig(setup, () => law).run() };
  });
}

const toFirst: Pick = () => 0;
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const refusedByService = (made: readonly Run[]) => sum(made.map(({ law }) => sum(law.atService)));
const heldBack = (made: readonly Run[]) => sum(made.map(({ law }) => sum(law.atSource)));

function good(made: readonly Run[]): number {
  return sum(made.map(({ result }) => result.good / result.capacity)) / made.length;
}

/** Of the most important tier: neither shed nor lost. */
function critical(made: readonly Run[]): number {
  const [first] = made.map(({ result }) => result.tiers[0]!);
  return 1 - (first!.shed + first!.lost) / first!.offered;
}

function of(tier: number, cohort = 0): Request {
  const request = new Request();
  request.tier = tier;
  request.cohort = cohort;
  return request;
}

/** A window each 100 ms with 10, 30 and 60 offered of three tiers, `sent` of them sent, and one report each. */
function told(law: OutboundShed, loads: readonly number[], sent = 100): void {
  law.setTiers(3);
  for (const [index, load] of loads.entries()) {
    const windows = index + 1;
    for (const [tier, each] of [10, 30, 60].entries()) law.offered(tier, each * windows);
    const heard = sum(loads.slice(0, windows));
    law.sheds(1, load);
    law.tick(windows * 100, sent * windows, (100 - sent) * windows, windows, heard);
  }
}

describe(`shedding at the caller, seeds ${SEEDS.join(" ")} (constants chosen on 3001 to 3006)`, () => {
  for (const [load, most] of [
    [2, 0.3],
    [5, 0.1],
  ] as const) {
    for (const callers of [1, 3]) {
      it(`leaves the service at most ${most} of what it refused alone at ${load}x, ${callers} callers, goodput >= 0.97, critical >= 0.998`, () => {
        const alone = runs(`0.5@0 ${load}@3`);
        let turn = 0;
        const made = runs(`0.5@0 ${load}@3`, callers, () => turn++ % callers);

        assert.ok(refusedByService(made) <= most * refusedByService(alone));
        assert.ok(good(made) >= 0.97, `${good(made)}`);
        assert.ok(critical(made) >= 0.998, `${critical(made)}`);
      });
    }
  }

  it("holds back 0 requests of a caller that sends critical ones only, at 5x", () => {
    const made = runs("0.5@0 5@3", 2, ({ tier }) => (tier === 0 ? 0 : 1));

    assert.equal(sum(made.map(({ law }) => law.atSource[0]!)), 0);
    assert.ok(heldBack(made) > 10_000);
  });

  it("holds back 0 requests at 80 % load", () => {
    assert.equal(heldBack(runs("0.8@0", 1, toFirst)), 0);
  });

  it("gives 3/4 of the slots back their requests within 1 s", () => {
    const made = runs("0.75@0 slots=4@5 slots=16@10", 1, toFirst);
    const results = made.map(({ result }) => result);

    assert.ok(heldBack(made) > 1000);
    assert.ok(figureOf(results, "recover2") <= 1);
  });
});

describe("law of the outbound side", () => {
  it("cuts at 1 + 17.5 / 30 where 100 were sent under a load of 4: 27.5 of 100 go on", () => {
    const law = new OutboundShed();
    told(law, Array(40).fill(4));

    // 1.1 * 100 / 4 = 27.5: the 10 of the first tier and 17.5 of the 30 of the second.
    assert.ok(Math.abs(law.threshold - (1 + 17.5 / 30)) < 1e-3, `${law.threshold}`);
    assert.equal(law.admit(of(1, 0.5)), Verdict.Admit);
    assert.equal(law.admit(of(1, 0.6)), Verdict.ShedLevel);
    assert.equal(law.admit(of(2)), Verdict.ShedLevel);
  });

  it("cuts nothing below a load of 1.1 where all is sent", () => {
    const law = new OutboundShed();
    told(law, Array(40).fill(1.09));

    assert.equal(law.threshold, 3);
  });

  it("never cuts a tier above the one in which the service sheds, however great the load", () => {
    const law = new OutboundShed();
    told(law, Array(40).fill(100));

    assert.equal(law.admit(of(0, 0.99)), Verdict.Admit);
    assert.equal(law.admit(of(1, 0.99)), Verdict.ShedLevel);
  });

  it("sends everything again after 1 s without a report", () => {
    const law = new OutboundShed();
    told(law, Array(40).fill(4));
    const before = law.threshold;
    for (let ms = 4100; ms <= 5000; ms += 100) law.tick(ms, 4000, 0, 40, 160);

    assert.ok(before < 2);
    assert.equal(law.threshold, 3);
  });
});
