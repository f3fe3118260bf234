import assert from "node:assert/strict";
import { buildFilterConfig } from "../../src/resources/filter-config.ts";
import type { HeldScope } from "../../src/resources/held-scope.ts";
import type { JsonObject } from "../../src/resources/resource.ts";
import { shedding } from "../support/policy-set.ts";

const role = "limiting" as const;

describe("filter configuration", () => {
  it("tells the outbound side its role, and neither to report nor what is remembered", () => {
    const answer = { status: 429, retryAfter: true, loadReport: true } as const;
    const held = {
      shedding: shedding({ answer }),
      role: "outbound",
      clusters: ["shop.v1"],
      routes: [],
    } as const;
    const memory = new Map([[held.shedding.name, { limit: 40, baselineMs: 20 }]]);
    const [scope] = buildFilterConfig([held], memory).scopes as JsonObject[];

    assert.equal(scope?.role, "OUTBOUND");
    assert.deepEqual(scope?.answer, { status: 429, retry_after: true });
    assert.equal(scope?.memory, undefined);
  });

  it("asks for the load report where the intent does, and says nothing of it elsewhere", () => {
    const answers = [true, false].map((loadReport) => {
      const answer = { status: 429, retryAfter: true, loadReport } as const;
      const held: HeldScope = { shedding: shedding({ answer }), role, clusters: [], routes: [] };
      const [scope] = buildFilterConfig([held], new Map()).scopes as JsonObject[];
      return scope?.answer;
    });

    assert.deepEqual(answers, [
      { status: 429, retry_after: true, load_report: true },
      { status: 429, retry_after: true },
    ]);
  });
});
