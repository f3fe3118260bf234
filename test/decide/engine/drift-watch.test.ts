import assert from "node:assert/strict";
import type { Policy } from "../../../src/policy/intent/policy.ts";
import { policy, slo } from "../../support/automation.ts";
import { EngineRig } from "./engine-rig.ts";

const SLO = slo();

const POLICY = policy({
  mode: "shadow",
  when: { text: 'burn("availability", "30s") > 50.0', reads: ["burn:availability"] },
});

const GOOD = { versions: { v1: [100, 0] } } as const;
const BURST = { versions: { v1: [100, 10] } } as const;

/** Each half minute is the opposite of the one before: what is sure of the last is wrong of the next. */
function alternate(rig: EngineRig, minutes: number): EngineRig {
  for (let i = 0; i < minutes; i++) rig.run(30, BURST).run(30, GOOD);
  return rig;
}

const toldOf = (rig: EngineRig) =>
  rig.records.filter(({ subject }) => subject.kind === "Policy").map(({ body }) => body.verdict);

describe("the watch over probabilities", () => {
  it("falls back to rules within 30 min once they come true no more, and says so once", () => {
    const rig = alternate(new EngineRig({ policies: [POLICY], slos: [SLO] }).run(600, GOOD), 30);
    assert.deepEqual(toldOf(rig), ["fall back to rules"]);
    assert.equal(rig.state.policies.relief?.watch.drift.isAlarmed, true);
  });

  it("weighs again after 200 predictions better than the threshold's, 100 min of calm", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] });
    while (toldOf(rig).length === 0) alternate(rig, 1);
    const trial = () => rig.state.policies.relief?.watch.drift.trial.scored ?? 0;
    assert.deepEqual(toldOf(rig), ["fall back to rules"]);
    while (trial() < 199) rig.run(1, GOOD);
    assert.equal(toldOf(rig).length, 1);
    rig.run(30, GOOD);
    assert.equal(toldOf(rig).at(-1), "weigh again");
  });

  it("never alarms in an hour of steady trouble or of calm", () => {
    const steady = new EngineRig({ policies: [POLICY], slos: [SLO] }).run(3600, BURST);
    assert.equal(steady.state.policies.relief?.watch.drift.isAlarmed, false);
    assert.ok((steady.state.policies.relief?.watch.drift.scored ?? 0) >= 118);
    const calm = new EngineRig({ policies: [POLICY], slos: [SLO] }).run(3600, GOOD);
    assert.equal(calm.state.policies.relief?.watch.drift.isAlarmed, false);
  });

  it("never alarms over 3 faults of 5 min in 45 min", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] });
    for (let fault = 0; fault < 3; fault++) rig.run(600, GOOD).run(300, BURST);
    assert.equal(rig.state.policies.relief?.watch.drift.isAlarmed, false);
  });

  it("scores on while an action of its own is in force, but not across its start", () => {
    const when = { text: 'burn("availability", "30s") > 4.0', reads: ["burn:availability"] };
    const revert = { onHarm: false, onNoEffectSeconds: 300 };
    const enforced: Policy = { ...POLICY, mode: "enforce", when, revert };
    const rig = new EngineRig({ policies: [enforced], slos: [SLO] }).run(600, GOOD);
    const scored = () => rig.state.policies.relief?.watch.drift.scored ?? 0;
    const active = () => rig.state.policies.relief?.active;
    while (active() === undefined) rig.run(1, BURST);
    const before = scored();
    rig.run(59, BURST);
    assert.equal(scored(), before);
    rig.run(200, BURST);
    assert.notEqual(active(), undefined);
    assert.equal(scored(), before + 7);
  });

  it("goes by rules for 10 min, without an alarm, when a signal comes 4 times less often", () => {
    const policy: Policy = {
      ...POLICY,
      verify: {
        signal: "db.latency",
        improve: { kind: "below", value: 5 },
        sustainedSeconds: 60,
        withinSeconds: 300,
      },
    };
    const rig = new EngineRig({ policies: [policy] });
    rig.run(200, { signals: { "db.latency": 1 } });
    for (let i = 0; i < 60; i++) rig.run(1, { signals: { "db.latency": 1 } }).run(3, {});
    assert.ok(toldOf(rig).includes("suspend probabilities"));
    assert.ok(rig.state.policies.relief?.watch.suspendedUntilTick !== undefined);
    assert.equal(rig.state.policies.relief?.watch.drift.isAlarmed, false);
  });
});
