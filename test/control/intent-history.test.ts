import assert from "node:assert/strict";
import { IntentHistory } from "../../src/control/intent-history.ts";
import { policySet } from "../support/policy-set.ts";

class Documents {
  readonly values = new Map<string, string>();

  async get(key: string) {
    return this.values.get(key);
  }

  async put(key: string, value: string) {
    this.values.set(key, value);
  }
}

const setOf = (at: number) => policySet({ digest: `${at}`.padStart(2, "0").repeat(32) });

describe("the sets that were in force", () => {
  it("gives back, after a restart, the very set of a digest or of its first 8 characters", async () => {
    const store = new Documents();
    const history = new IntentHistory(store);
    for (const at of [1, 2, 3]) await history.keep(setOf(at), `t${at}`);

    const restarted = new IntentHistory(store);
    assert.deepEqual(await restarted.find(setOf(2).digest), setOf(2));
    assert.deepEqual(await restarted.find("01010101"), setOf(1));
    assert.equal(await restarted.find("0101010"), undefined);
    assert.equal(await restarted.find("99999999"), undefined);
  });

  it("remembers 20, newest first, each once", async () => {
    const history = new IntentHistory(new Documents());
    for (let at = 10; at < 35; at++) await history.keep(setOf(at), "t");
    await history.keep(setOf(30), "again");

    const list = await history.list();
    assert.equal(list.length, 20);
    assert.deepEqual(list[0], { digest: setOf(30).digest, at: "again" });
    assert.equal(new Set(list.map(({ digest }) => digest)).size, 20);
  });
});
