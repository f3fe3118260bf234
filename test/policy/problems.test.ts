import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { problemCodes, problemsPage } from "../../src/policy/problem-codes.ts";
import { BAD_CASES } from "./bad-cases.ts";
import { problemsOf } from "./documents.ts";

describe("problems of operator intent", () => {
  for (const [group, cases] of Object.entries(BAD_CASES)) {
    describe(group, () => {
      for (const { name, text, lines } of cases) {
        it(`tells of ${name}, in ${lines.length} lines`, () => {
          assert.deepEqual(problemsOf(text), lines);
        });
      }
    });
  }

  it("has a case above for each code", () => {
    const told = Object.values(BAD_CASES).flatMap((cases) => cases.flatMap(({ lines }) => lines));
    const reached = new Set(told.map((line) => line.slice(-7, -1)));

    assert.deepEqual([...reached].sort(), Object.keys(problemCodes).sort());
  });

  it("is described on a page that holds every code as it is now", () => {
    const page = readFileSync(new URL("../../../docs/policy-problems.md", import.meta.url), "utf8");

    assert.equal(page, problemsPage());
  });
});
