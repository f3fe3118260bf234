import assert from "node:assert/strict";
import type { Order } from "../../../src/decide/engine/order.ts";
import { rollout } from "../../support/automation.ts";
import { EngineRig } from "./engine-rig.ts";

const CALM = { versions: { v1: [95, 0], v2: [5, 0] } } as const;
const KNOB = "rateLimit.all.factor";
const order = (by: string, value: number): Order => ({
  by,
  roles: ["operator"],
  what: { kind: "override", knob: KNOB, value, ttlSeconds: 600 },
});

describe("Overrides", () => {
  it("of one knob ordered by 2 people within a second are 2, each told, and each ended by its own id", () => {
    const engine = new EngineRig({}).run(1, {}, [order("ann", 0.5), order("bo", 0.2)]);
    const [first = "", second = ""] = Object.keys(engine.state.overrides);
    assert.deepEqual(
      Object.values(engine.state.overrides).map(({ by, value }) => [by, value]),
      [
        ["ann", 0.5],
        ["bo", 0.2],
      ],
    );

    const end: Order = { by: "ann", roles: ["operator"], what: { kind: "endOverride", id: first } };
    engine.run(1, {}, [end]);

    assert.deepEqual(Object.keys(engine.state.overrides), [second]);
    assert.deepEqual(
      engine.records.map(({ actor, body }) => [actor, body.verdict]),
      [
        ["ann", "override"],
        ["bo", "override"],
        ["ann", "end"],
      ],
    );
  });

  it("of one document's 2 knobs have 2 records, each with an id of its own", () => {
    const written = {
      ...{ name: "calm", by: "ann", approvedBy: [], scope: { labels: {} } },
      ...{ breakGlass: false, set: { [KNOB]: 0.5, "policy.away.mode": "off" } },
      ...{ ttlSeconds: 600, reason: "too much" },
    };
    const { records } = new EngineRig({ overrides: [written] }).run(1, {});

    assert.equal(new Set(records.map(({ id }) => id)).size, 2);
  });

  it("of one canary: the last that was ordered holds, 10 %, and when it ends the one before, 20 %", () => {
    const steps = [{ kind: "weight", percent: 5, forSeconds: 86_000 }] as const;
    const engine = new EngineRig({ rollouts: [rollout({ steps })] });
    const share = (value: number): Order => ({
      ...order("ann", 0),
      what: { kind: "override", knob: "canary.weight@checkout", value, ttlSeconds: 600 },
    });
    const percent = () => engine.state.rollouts.checkout?.percent;
    engine
      .run(2, CALM)
      .run(1, CALM, [share(20)])
      .run(1, CALM, [share(10)])
      .run(1, CALM);
    assert.equal(percent(), 10);

    const [, last = ""] = Object.keys(engine.state.overrides);
    const end: Order = { by: "ann", roles: ["operator"], what: { kind: "endOverride", id: last } };
    engine.run(1, CALM, [end]).run(1, CALM);

    assert.equal(percent(), 20);
  });
});
