import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { weeklyReview } from "../../src/audit/review.ts";
import { projectRoot } from "../support/project-root.ts";
import { record } from "./records.ts";

const POLICY = { kind: "Policy", name: "ease" };
const ACTION = { knob: "rateLimit.api", isShadow: false };

describe("weekly review", () => {
  it("counts what fired, what came of it, and what people did: one golden page", () => {
    const records = [
      record(0, { body: { verdict: "start", because: ["v42 begins"] } }),
      record(30, { body: { verdict: "roll back", because: ["v42 is worse"] } }),
      record(60, { kind: "action", subject: POLICY, body: { verdict: "act", action: ACTION } }),
      record(90, { kind: "outcome", subject: POLICY, body: { verdict: "success" } }),
      record(95, { kind: "action", subject: POLICY, body: { verdict: "act", action: ACTION } }),
      record(99, { kind: "outcome", subject: POLICY, body: { verdict: "revert" } }),
      record(120, {
        ...{ kind: "freeze", actor: "mira", subject: { kind: "Engine", name: "automation" } },
        body: { because: ["incident *7*"] },
      }),
      record(130, { kind: "refusal", actor: "bot", subject: { kind: "Api", name: "override" } }),
    ];

    const text = weeklyReview(records, {
      ...{ from: "2026-11-16T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" },
    });

    const golden = join(projectRoot, "test/audit/review.golden.md");
    assert.equal(text, readFileSync(golden, "utf8"));
  });
});
