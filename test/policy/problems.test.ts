import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { problemCodes, problemsPage } from "../../src/policy/problem-codes.ts";
import { badConditions, badOthers, badPolicies, badRollouts } from "./automation/bad-automation.ts";
import {
  type BadCase,
  badGateways,
  badGrpcRoutes,
  badRateLimits,
  badRoutes,
  badServices,
  badSets,
  badSheddings,
  badText,
} from "./bad-values.ts";
import { problemsOf } from "./documents.ts";

const groups: Readonly<Record<string, readonly BadCase[]>> = {
  "text and envelope": badText,
  Gateway: badGateways,
  HTTPRoute: badRoutes,
  GRPCRoute: badGrpcRoutes,
  Service: badServices,
  Shedding: badSheddings,
  RateLimit: badRateLimits,
  "a set": badSets,
  conditions: badConditions,
  Policy: badPolicies,
  Rollout: badRollouts,
  "objectives, alerts, Overrides, Maintenances and Adapters": badOthers,
};

describe("problems of operator intent", () => {
  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      for (const { name, text, lines } of cases) {
        it(`tells of ${name}, in ${lines.length} lines`, () => {
          assert.deepEqual(problemsOf(text), lines);
        });
      }
    });
  }

  it("has a case above for each code", () => {
    const told = Object.values(groups).flatMap((cases) => cases.flatMap(({ lines }) => lines));
    const reached = new Set(told.map((line) => line.slice(-7, -1)));

    assert.deepEqual([...reached].sort(), Object.keys(problemCodes).sort());
  });

  it("is described on a page that holds every code as it is now", () => {
    const page = readFileSync(new URL("../../../docs/policy-problems.md", import.meta.url), "utf8");

    assert.equal(page, problemsPage());
  });
});
