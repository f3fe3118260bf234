import assert from "node:assert/strict";
import { glassBreaches } from "../../../src/decide/alerts/glass-breaches.ts";
import type { Order } from "../../../src/decide/engine/order.ts";
import { holding } from "../../../src/decide/engine/overrides.ts";
import { toExpression } from "../../../src/policy/automation/condition.ts";
import type { Guardrail } from "../../../src/policy/intent/guardrail.ts";
import type { Override } from "../../../src/policy/intent/override.ts";
import { QUICK_JUDGE, rollout } from "../../support/automation.ts";
import { EngineRig } from "./engine-rig.ts";

const KNOB = "canary.weight@checkout";
const ROLLOUT = rollout({
  steps: [
    { kind: "weight", percent: 5, forSeconds: 86_000 },
    { kind: "weight", percent: 100, forSeconds: 0 },
  ],
  judge: QUICK_JUDGE,
});
const guardrail = (absolute: boolean, forbid: string): Guardrail => ({
  name: absolute ? "never" : "careful",
  owner: "platform",
  scope: { labels: {} },
  absolute,
  forbid: [toExpression(forbid, "guardrail")],
  onDataMissing: "hold",
});
const CALM = { versions: { v1: [95, 0], v2: [5, 0] } } as const;
const GUARDRAILS = [guardrail(false, "canary.weight > 50"), guardrail(true, "canary.weight > 80")];

const ask = (by: string, parts: object = {}, value = 60): Order => ({
  by,
  roles: ["operator"],
  reason: "all is lost",
  what: { kind: "override", knob: KNOB, value, ttlSeconds: 600, breakGlass: true },
  ...parts,
});
const vote = (by: string, decision: string, parts: object = {}): Order => ({
  by,
  roles: ["approver"],
  what: { kind: "approve", decision },
  ...parts,
});

function rig(overrides: readonly Override[] = []): EngineRig {
  return new EngineRig({ rollouts: [ROLLOUT], guardrails: GUARDRAILS, overrides }).run(2, CALM);
}

const percentOf = ({ state }: EngineRig) => state.rollouts.checkout?.percent;
const idsOf = ({ state }: EngineRig) => Object.keys(state.overrides);

describe("an Override that breaks the glass", () => {
  it("waits for a second person, then holds for 600 s what a Guardrail forbids, pages the owner, and ends by itself", () => {
    const engine = rig().run(1, CALM, [ask("ann")]);
    assert.equal(percentOf(engine), 5);
    const [id = ""] = idsOf(engine);
    engine.run(1, CALM, [vote("bo", id)]).run(1, CALM);
    assert.equal(percentOf(engine), 60);
    const held = holding(engine.state.overrides, engine.tick);
    const [breach] = glassBreaches(held, engine.policySet);
    assert.deepEqual([breach?.severity, breach?.targets], ["page", ["team-pay"]]);
    assert.match(breach?.title ?? "", /ann and bo broke the glass/);
    engine.run(597, CALM);
    assert.equal(percentOf(engine), 60);
    engine.run(3, CALM);
    assert.equal(percentOf(engine), 5);
    const told = engine.records.filter(({ subject }) => subject.kind === "Override");
    assert.deepEqual(
      told.map(({ actor, body }) => `${actor}: ${body.verdict}`),
      ["ann: ask", "bo: approve by bo", "ann: break glass", "ann: end"],
    );
  });

  it("does not count the same person twice, this machine's token, nor a program's", () => {
    const engine = rig().run(1, CALM, [ask("ann")]);
    const [id = ""] = idsOf(engine);
    engine.run(1, CALM, [
      vote("ann", id),
      vote("local", id, { roles: ["admin"] }),
      vote("ci", id, { roles: [] }),
    ]);
    engine.run(2, CALM);
    assert.equal(percentOf(engine), 5);
    const idle = engine.records.filter(({ body }) => /does not count/.test(body.because.join()));
    assert.equal(idle.length, 3);
  });

  it("is over 900 s after it was asked for, or when one refuses", () => {
    for (const end of ["time", "refusal"]) {
      const engine = rig().run(1, CALM, [ask("ann")]);
      const [id = ""] = idsOf(engine);
      if (end === "time") engine.run(900, CALM);
      else engine.run(1, CALM, [vote("bo", id, { what: { kind: "reject", decision: id } })]);
      assert.deepEqual(idsOf(engine), []);
      engine.run(1, CALM, [vote("cy", id), vote("di", id)]).run(1, CALM);
      assert.equal(percentOf(engine), 5);
    }
  });

  it("yields to an absolute Guardrail, and a plain Override to any", () => {
    const absolute = rig().run(1, CALM, [ask("ann", {}, 90)]);
    absolute.run(1, CALM, [vote("bo", idsOf(absolute)[0] ?? "")]).run(1, CALM);
    assert.equal(percentOf(absolute), 5);
    const plain = (value: number): Order => ({
      ...ask("ann"),
      what: { kind: "override", knob: KNOB, value, ttlSeconds: 600 },
    });
    assert.equal(
      percentOf(
        rig()
          .run(1, CALM, [plain(60)])
          .run(1, CALM),
      ),
      5,
    );
    assert.equal(
      percentOf(
        rig()
          .run(1, CALM, [plain(40)])
          .run(1, CALM),
      ),
      40,
    );
  });

  it("goes before a plain Override of its knob", () => {
    const plain: Order = {
      ...ask("cy"),
      what: { kind: "override", knob: KNOB, value: 1, ttlSeconds: 600 },
    };
    const engine = rig()
      .run(1, CALM, [plain])
      .run(2, CALM, [ask("ann", {}, 30)]);
    assert.equal(percentOf(engine), 1);
    const waits = Object.values(engine.state.overrides).find(({ glass }) => glass !== undefined);
    engine.run(1, CALM, [vote("bo", waits?.id ?? "")]).run(1, CALM);
    assert.equal(percentOf(engine), 30);
  });

  it("of a document needs two people beside the names in it, and again once it says something else", () => {
    const written = (value: number): Override => ({
      name: "fire",
      by: "ann",
      approvedBy: ["bo"],
      scope: { service: "checkout", labels: {} },
      breakGlass: true,
      set: { "canary.weight": value },
      ttlSeconds: 600,
      reason: "all is lost",
    });
    const engine = rig([written(60)]);
    const [id = ""] = idsOf(engine);
    assert.equal(percentOf(engine), 5);
    engine.run(1, CALM, [vote("ann", id)]).run(1, CALM);
    assert.equal(percentOf(engine), 5);
    engine.run(1, CALM, [vote("bo", id)]).run(1, CALM);
    assert.equal(percentOf(engine), 60);
    engine.policySet = { ...engine.policySet, overrides: [written(70)] };
    engine.run(2, CALM);
    assert.equal(percentOf(engine), 5);
  });
});
