import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findCases, renderTable, STATEMENTS } from "./statements.ts";

describe("protocol statements", () => {
  const cases = findCases();

  it("are the numbers 1 to 58, each once", () => {
    const numbers = STATEMENTS.map(({ number }) => number);
    assert.deepEqual(
      numbers,
      Array.from({ length: 58 }, (_, i) => i + 1),
    );
  });

  it("have a case in every form that they bind", () => {
    const without = STATEMENTS.flatMap(({ number, forms }) =>
      forms
        .filter((form) => !cases.some((one) => one.number === number && one.form === form))
        .map((form) => `${number} (${form})`),
    );
    assert.deepEqual(without, []);
  });

  it("are the only ones that cases name", () => {
    const known = new Set(STATEMENTS.map(({ number }) => number));
    assert.deepEqual(
      cases.filter(({ number }) => !known.has(number)),
      [],
    );
  });

  it("are counted in docs/xds-statements.md as node dist/test/xds/print-statements.js counts them", () => {
    const page = readFileSync(new URL("../../../docs/xds-statements.md", import.meta.url), "utf8");
    assert.equal(page.slice(page.indexOf("| |")), renderTable(cases));
  });
});
