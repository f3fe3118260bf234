import assert from "node:assert/strict";
import { fuzzApi } from "../../support/fuzz/fuzz-api.ts";

describe("API v1, fuzz", () => {
  it("answers 1,000 random requests with no 5xx, and at least 100 of them well", async () => {
    const seed = Date.now() % 2147483647;
    const statuses = await fuzzApi(seed, 1000);

    const well = (statuses.get(200) ?? 0) + (statuses.get(304) ?? 0);
    assert.ok(well >= 100, `seed ${seed}: ${JSON.stringify([...statuses])}`);
  });
});
