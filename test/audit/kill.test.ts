import assert from "node:assert/strict";
import { killAudit } from "../support/faults/kill-audit.ts";

const ROUNDS = 4;

describe("SIGKILL in the middle of appends to the audit log", () => {
  it(`loses nothing acknowledged and breaks no chain in ${ROUNDS} rounds`, async () => {
    const seed = Math.floor(performance.now());
    const { acknowledged, entries, lost, broken } = await killAudit(ROUNDS, seed);

    assert.deepEqual(lost, [], `seed ${seed}`);
    assert.deepEqual(broken, [], `seed ${seed}`);
    assert.ok(acknowledged >= ROUNDS && entries >= acknowledged, `${acknowledged} of ${entries}`);
  });
});
