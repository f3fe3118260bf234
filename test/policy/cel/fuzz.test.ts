import assert from "node:assert/strict";
import { fuzzConditions, largestCondition } from "../../support/fuzz/fuzz-conditions.ts";
import { fuzzDocuments } from "../../support/fuzz/fuzz-documents.ts";

const SEED = Number(process.env.QMESH_SEED ?? Math.floor(performance.timeOrigin) % 2147483647);

describe("fuzz of the policy language", () => {
  it(`compiles or refuses 3000 conditions, each in its counted steps (seed ${SEED})`, () => {
    const { compiled, mostSteps } = fuzzConditions(SEED, 3000);

    assert.ok(compiled > 1000, `only ${compiled} compiled`);
    assert.ok(mostSteps > 50, `at most ${mostSteps} steps`);
  });

  it("takes a condition of more than 1900 steps in as many steps, and none of more than 2000", () => {
    const { steps } = largestCondition();

    assert.ok(steps > 1900 && steps <= 2000, `${steps} steps`);
  });

  it(`loads or refuses 1500 documents of spoilt sets (seed ${SEED})`, () => {
    const { loaded } = fuzzDocuments(SEED, 1500);

    assert.ok(loaded > 10, `only ${loaded} sets loaded`);
  });
});
