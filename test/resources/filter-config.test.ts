import assert from "node:assert/strict";
import { buildFilterConfig } from "../../src/resources/filter-config.ts";
import type { JsonObject } from "../../src/resources/resource.ts";
import { shedding } from "../support/policy-set.ts";

describe("filter configuration", () => {
  it("asks for the load report where the intent does, and says nothing of it elsewhere", () => {
    const answers = [true, false].map((loadReport) => {
      const answer = { status: 429, retryAfter: true, loadReport } as const;
      const held = { shedding: shedding({ answer }), clusters: [], routes: [] };
      const [scope] = buildFilterConfig([held], new Map()).scopes as JsonObject[];
      return scope?.answer;
    });

    assert.deepEqual(answers, [
      { status: 429, retry_after: true, load_report: true },
      { status: 429, retry_after: true },
    ]);
  });
});
