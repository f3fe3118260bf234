import assert from "node:assert/strict";
import { logRows } from "../../src/api/model/report-rows.ts";
import { latencySeen, MeasureReader, type Told } from "../../src/audit/measures.ts";

function told(id: string, tick: number, kind: string, subject: string, body: object): Told {
  const [of = "", name = ""] = subject.split("/");
  return { id, tick, kind, subject: { kind: of, name }, body };
}

const split = { ingest: 0.4, evaluation: 0.02, push: 0.1, ack: 0.2 };

/** A canary that is worse, and a Policy that acts twice: once it helps, once it harms. */
const DAY: readonly Told[] = [
  told("r1", 1000, "decision", "Rollout/checkout", { verdict: "start" }),
  told("r2", 1030, "decision", "Rollout/checkout", { verdict: "roll back" }),
  told("p1", 1031, "outcome", "Engine/push", {
    ...{ verdict: "applied", causes: ["r2"], seen: latencySeen(split) },
  }),
  told("a1", 2000, "action", "Policy/ease", {
    verdict: "act",
    action: { knob: "rateLimit.api", isShadow: false },
    guards: [
      { name: "blast-radius", passed: false },
      { name: "spend", passed: true },
    ],
  }),
  told("o1", 2060, "outcome", "Policy/ease", {
    ...{ verdict: "success", action: { knob: "rateLimit.api", isShadow: false } },
  }),
  told("o2", 2300, "outcome", "Policy/ease", {
    ...{ verdict: "release", action: { knob: "rateLimit.api", isShadow: false } },
  }),
  told("a2", 2400, "action", "Policy/dry", {
    ...{ verdict: "act", action: { knob: "rateLimit.api", isShadow: true } },
  }),
  told("o3", 2500, "outcome", "Policy/ease", {
    ...{ verdict: "revert", action: { knob: "rateLimit.api", isShadow: false } },
  }),
  told("l1", 3000, "label", "Alert/x", { actionable: "yes" }),
  told("l2", 3001, "label", "Alert/y", { actionable: "no" }),
];

function readAll(records: readonly Told[]) {
  const reader = new MeasureReader();
  return records.flatMap((record) => reader.read(record));
}

function figureOf(measure: Parameters<typeof logRows>[0], name: string) {
  const readings = readAll(DAY).filter((each) => each.measure === measure);
  return logRows(measure, readings).find((row) => row.name === name)?.value;
}

describe("measures read from the log", () => {
  it("M4: 0.72 s in all, of ingest 0.4, evaluation 0.02, push 0.1 and ack 0.2 s", () => {
    assert.equal(figureOf("M4", "ingest p99"), 0.4);
    assert.equal(figureOf("M4", "evaluation p50"), 0.02);
    assert.equal(figureOf("M4", "push p50"), 0.1);
    assert.equal(figureOf("M4", "ack p50"), 0.2);
    assert.equal(Number(figureOf("M4", "whole p99")?.toFixed(3)), 0.72);
  });

  it("M5: 1 success and 1 harm of 2 judged; what only ends is not judged", () => {
    assert.equal(figureOf("M5", "success"), 0.5);
    assert.equal(figureOf("M5", "harm"), 0.5);
    assert.equal(figureOf("M5", "no effect"), 0);
  });

  it("M6: 3 moves of one knob within the hour; a shadow and a success move nothing", () => {
    assert.equal(figureOf("M6", "rateLimit.api"), 3);
  });

  it("M7: 1 of 2 labelled alerts was not actionable", () => {
    assert.equal(figureOf("M7", "labelled no"), 0.5);
  });

  it("M9: 30 s to the verdict, 0.72 s until every Envoy held the stable version", () => {
    assert.equal(figureOf("M9", "detect p50"), 30);
    assert.equal(Number(figureOf("M9", "apply p50")?.toFixed(3)), 0.72);
    assert.equal(Number(figureOf("M9", "whole p50")?.toFixed(3)), 30.72);
  });

  it("M10: one attempt that a guardrail stopped, by its name; what passed is not counted", () => {
    assert.equal(figureOf("M10", "blast-radius"), 1);
    assert.equal(figureOf("M10", "spend"), undefined);
  });

  it("are unknown, never 0, of an empty log", () => {
    for (const measure of ["M4", "M5", "M7", "M9"] as const)
      for (const { name, value } of logRows(measure, [])) assert.equal(value, null, name);
    assert.deepEqual(logRows("M6", []), []);
  });

  it("do not take a push that no rollback caused for a revert", () => {
    const push = told("p9", 5, "outcome", "Engine/push", {
      ...{ verdict: "applied", causes: ["other"], seen: latencySeen(split) },
    });
    assert.deepEqual(
      readAll([push]).map(({ measure }) => measure),
      ["M4", "M4", "M4", "M4"],
    );
  });
});
