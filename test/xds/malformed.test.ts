import assert from "node:assert/strict";
import { fuzzDiscovery } from "../support/fuzz/fuzz-discovery.ts";

describe("malformed discovery requests", () => {
  it("2,500 of them, 50 streams at once: each stream ends with a status of its own, a good one is served", async () => {
    const { byStatus } = await fuzzDiscovery(5, 2500);

    const names = [...byStatus.keys()];
    const known = ["OK", "INVALID_ARGUMENT"];
    assert.deepEqual(
      names.filter((name) => !known.includes(name)),
      [],
    );
    assert.equal(
      [...byStatus.values()].reduce((sum, count) => sum + count, 0),
      500,
    );
  });
});
