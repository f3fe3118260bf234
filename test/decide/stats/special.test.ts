import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { betaI } from "../../../src/decide/stats/incomplete-beta.ts";
import { gammaP, gammaQ } from "../../../src/decide/stats/incomplete-gamma.ts";
import { lnGamma } from "../../../src/decide/stats/ln-gamma.ts";
import { projectRoot } from "../../support/project-root.ts";

type Row = readonly number[];
const vectors: Record<string, readonly Row[]> = JSON.parse(
  readFileSync(join(projectRoot, "test/decide/stats/special.golden.json"), "utf8"),
);

const FUNCTIONS: Readonly<Record<string, (...at: number[]) => number>> = {
  lnGamma: (x) => lnGamma(x!),
  gammaP: (a, x) => gammaP(a!, x!),
  gammaQ: (a, x) => gammaQ(a!, x!),
  betaI: (x, a, b) => betaI(x!, a!, b!),
};

describe("special functions", () => {
  for (const [name, compute] of Object.entries(FUNCTIONS)) {
    const rows = vectors[name]!;
    it(`${name} is within 1e-12 of scipy's value, relatively, at ${rows.length} points`, () => {
      assert.ok(rows.length >= 70);
      for (const row of rows) {
        const expected = row.at(-1)!;
        const found = compute(...row.slice(0, -1));
        const error = Math.abs(found - expected) / Math.abs(expected);
        assert.ok(error <= 1e-12, `${name}(${row.slice(0, -1)}): ${found}, ${expected}, ${error}`);
      }
    });
  }

  it("are 0 and 1 at the ends, NaN outside", () => {
    assert.deepEqual([gammaP(2, 0), gammaQ(2, 0), betaI(0, 2, 3), betaI(1, 2, 3)], [0, 1, 0, 1]);
    assert.deepEqual(
      [gammaP(2, Number.POSITIVE_INFINITY), gammaQ(2, Number.POSITIVE_INFINITY)],
      [1, 0],
    );
    for (const found of [lnGamma(0), lnGamma(-1), gammaP(0, 1), gammaQ(1, -1), betaI(2, 1, 1)]) {
      assert.ok(Number.isNaN(found));
    }
    assert.deepEqual([lnGamma(1), lnGamma(2)], [0, 0]);
  });
});
