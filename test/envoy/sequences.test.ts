import assert from "node:assert/strict";
import { runSequences } from "../support/faults/sequences.ts";

/** `npm run faults -- sequences` runs 200, and takes a seed. */
describe("a real Envoy whose intent changes at random", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);

  it(`statement 39, 40, 41 (D): 15 sequences of 5 changes of services and routes under load, seed ${seed}: 0 failed requests`, async () => {
    const { requests, failed, suspects } = await runSequences({ sequences: 15, seed });

    assert.equal(failed, 0, suspects.join("\n"));
    assert.ok(requests > 1000, `${requests} requests`);
  });
});
