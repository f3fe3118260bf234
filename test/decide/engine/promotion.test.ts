import assert from "node:assert/strict";
import { newLedger, retireHint } from "../../../src/decide/engine/ledger.ts";
import { reportOf } from "../../../src/decide/engine/shadow-report.ts";
import { policy } from "../../support/automation.ts";
import { EngineRig } from "./engine-rig.ts";

const POLICY = policy({
  mode: "shadow",
  method: "rules",
  when: { text: 'rate("db.latency", "1s") > 5.0', reads: ["rate:db.latency"] },
  verify: {
    signal: "db.latency",
    improve: { kind: "below", value: 5 },
    sustainedSeconds: 20,
    withinSeconds: 60,
  },
  revert: { onHarm: true, onNoEffectSeconds: 60 },
});

const slow = { signals: { "db.latency": 9 } } as const;
const quick = { signals: { "db.latency": 1 } } as const;
const promote = {
  by: "ann",
  roles: [],
  what: { kind: "promotePolicy", policy: "relief" },
} as const;
const report = (rig: EngineRig) => {
  const { shadow } = rig.state.policies.relief ?? assert.fail("no state");
  return reportOf(shadow, rig.tick);
};

describe("a policy in shadow", () => {
  it("may not be promoted before anything it would have done was judged", () => {
    const rig = new EngineRig({ policies: [POLICY] }).run(30, quick);
    assert.match(report(rig).whyNot ?? "", /nothing it would have done/);
  });

  it("may be after trouble that outlasted its 60 s, and not after 1 of 2 that ended by itself", () => {
    const rig = new EngineRig({ policies: [POLICY] }).run(30, quick).run(90, slow).run(200, quick);
    const needed = report(rig);
    assert.deepEqual([needed.acts, needed.judged, needed.unneeded], [1, 1, 0]);
    assert.equal(needed.whyNot, undefined);
    rig.run(5, slow).run(200, quick);
    const both = report(rig);
    assert.deepEqual([both.judged, both.unneeded], [2, 1]);
    assert.match(both.whyNot ?? "", /1 of 2 times trouble ended in time without it/);
  });

  it("forgets its report after 14 days", () => {
    const rig = new EngineRig({ policies: [POLICY] }).run(30, quick).run(90, slow);
    const { shadow } = rig.state.policies.relief ?? assert.fail("no state");
    assert.equal(reportOf(shadow, rig.tick + 14 * 86_400).acts, 0);
  });

  it("acts once promoted, and is a shadow again once its document changes", () => {
    const rig = new EngineRig({ policies: [POLICY] }).run(30, quick).run(1, quick, [promote]);
    assert.equal(rig.told.at(-1), "promote");
    rig.run(5, slow);
    assert.equal(rig.actions.find(({ by }) => by.name === "relief")?.isShadow, false);
    rig.policySet = { ...rig.policySet, policies: [{ ...POLICY, confidence: 0.8 }] };
    rig.run(5, slow);
    assert.deepEqual(rig.state.promoted, {});
    assert.equal(rig.actions.find(({ by }) => by.name === "relief")?.isShadow ?? true, true);
  });
});

describe("the ledger of a policy", () => {
  it("counts an action that did nothing, and hints at letting go after 5 of them", () => {
    const rig = new EngineRig({ policies: [{ ...POLICY, mode: "enforce" }] });
    rig.run(30, quick).run(90, slow);
    const { ledger } = rig.state.policies.relief ?? assert.fail("no state");
    assert.deepEqual([ledger.acted, ledger.noEffect, ledger.helped], [1, 1, 0]);
    assert.equal(retireHint(ledger, rig.tick), undefined);
    const useless = { ...ledger, acted: 5, noEffect: 5 };
    assert.equal(retireHint(useless, rig.tick), "helped 0 times of 5");
  });

  it("hints at one that has not acted in 90 days", () => {
    assert.equal(retireHint(newLedger(0), 89 * 86_400), undefined);
    assert.equal(retireHint(newLedger(0), 90 * 86_400), "has not acted in 90 days");
  });
});
