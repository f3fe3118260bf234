import assert from "node:assert/strict";
import { explainRecord } from "../../src/decide/explain-record.ts";
import type { DecisionRecord } from "../../src/decide/record.ts";
import type { Policy } from "../../src/policy/intent/policy.ts";
import { policy, rollout, slo } from "../support/automation.ts";
import { EngineRig } from "./engine/engine-rig.ts";

const SLO = slo();

const POLICY = policy({
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [
    { kind: "weights", service: "checkout", weights: { v1: 100, v2: 0 } },
    { kind: "retries", service: "checkout", budgetRatio: 0.1 },
    { kind: "timeout", service: "checkout", timeoutMs: 500 },
  ],
  verify: {
    signal: "availability",
    improve: { kind: "burnBelow", burn: 2 },
    sustainedSeconds: 60,
    withinSeconds: 120,
  },
  revert: { onHarm: true, onNoEffectSeconds: 120 },
});

const ROLLOUT = rollout();

const BAD = { versions: { v1: [50, 1], v2: [50, 20] } } as const;

/** Everything the engine says while a bad version comes and people step in. */
function records(): readonly DecisionRecord[] {
  const rig = new EngineRig({ slos: [SLO], policies: [POLICY], rollouts: [ROLLOUT] });
  rig.run(300, { versions: { v1: [50, 0], v2: [50, 0] } });
  rig.run(600, BAD);
  const order = { by: "ann", roles: [], reason: "drill" };
  rig.run(1, BAD, [
    {
      ...order,
      what: { kind: "override", knob: "rateLimit.all.factor", value: 1, ttlSeconds: 60 },
    },
    { ...order, what: { kind: "freeze" } },
  ]);
  rig.run(120, BAD);
  return rig.records;
}

/** A burn of 2 times, a Policy that asks, and somebody who says no with a reason of 40 lines. */
function asked(): readonly DecisionRecord[] {
  const policy: Policy = {
    ...POLICY,
    when: { text: 'burn("availability", "30s") > 1.0', reads: ["burn:availability"] },
    method: "rules",
    approval: { from: ["sre"], need: 1, withinSeconds: 7200, else: "hold" },
  };
  const rig = new EngineRig({ slos: [SLO], policies: [policy] });
  const second = { versions: { v1: [100, 2] } } as const;
  rig.run(1200, second);
  const { id } = rig.records.find(({ body }) => body.verdict === "ask")!;
  const reason = Array.from({ length: 40 }, (_, line) => `\u001b[31mreason ${line}`).join("\n");
  rig.run(1, second, [{ by: "eve", roles: [], what: { kind: "approve", decision: id } }]);
  const no = { by: "ann", roles: ["sre"], reason, what: { kind: "reject", decision: id } } as const;
  return rig.run(1, second, [no]).records;
}

describe("why, in words", () => {
  const all = [...records(), ...asked()];
  const explain = (record: DecisionRecord) =>
    explainRecord(record, {
      later: all.filter(({ body }) => body.causes.includes(record.id)),
      timeOf: (tick) => new Date(tick * 1000).toISOString(),
    });

  it("takes at most 25 lines for each record of 8 kinds that the engine wrote", () => {
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of [
      ...(["decision", "action", "outcome", "override"] as const),
      ...(["freeze", "page", "approval", "ticket"] as const),
    ])
      assert.ok(kinds.has(kind), `no record of kind ${kind} among ${[...kinds].join(", ")}`);
    for (const record of all) {
      const lines = explain(record);
      assert.ok(lines.length >= 3 && lines.length <= 25, `${record.body.verdict}: ${lines.length}`);
      assert.ok(
        lines.every((line) => !/undefined|NaN|\[object/.test(line)),
        lines.join("\n"),
      );
    }
  });

  it("keeps to its lines where the reason of an approval has 40, and lets it draw nothing", () => {
    const approval =
      all.find(({ kind, actor }) => kind === "approval" && actor === "ann") ??
      assert.fail("no approval");
    const lines = explain(approval);
    assert.match(lines.join(""), /reason 0 .*reason 39/);
    assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
  });

  it("says who approved what, and that 1 of 2 votes does not count", () => {
    const votes = all.filter(({ kind }) => kind === "approval");
    assert.deepEqual(
      votes.map(({ actor, body }) => [actor, body.because.length]),
      [
        ["eve", 2],
        ["ann", 1],
      ],
    );
    const asking =
      all.find(({ id }) => votes[0]?.body.causes.includes(id)) ?? assert.fail("no ask");
    assert.match(explain(asking).join("\n"), /^Then .*approve by eve/m);
  });

  it("says of an action what was seen, believed, weighed, what would have flipped it, its way back and what came of it", () => {
    const action = all.find(({ kind }) => kind === "action") ?? assert.fail("nothing was done");
    const text = explain(action).join("\n");
    for (const part of [
      /^Because +Its condition has held/m,
      /^Seen +burn\("availability", "30s"\) = [\d.]+/m,
      /^Believed +.*\d %/m,
      /^Weighed +.*expected gain/m,
      /chosen: .*helps with \d/,
      /runner-up: /,
      /do nothing: expected gain 0, loses [\d.]+ a second/,
      /^Otherwise +It would not have acted had trouble been less likely than/m,
      /^Way back/m,
      /^Then +\d{4}-/m,
    ])
      assert.match(text, part);
  });

  it("says of a page value, threshold and window, and with how many bad requests it would not have fired", () => {
    const page = all.find(({ kind }) => kind === "page") ?? assert.fail("nobody was paged");
    const text = explain(page).join("\n");
    assert.match(text, /burn of availability = [\d.]+ over \d+ s \(.*: [\d.]+\)/);
    assert.match(text, /With fewer than \d+ bad of these \d+ requests it would not have fired/);
  });
});
