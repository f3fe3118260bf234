import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { type IntentState, loadIntent, watchIntent } from "../../src/control/intent-source.ts";

describe("the folder of intent", () => {
  let folder: string;
  let stop: () => void;
  const states = new EventEmitter();

  beforeEach(async () => {
    folder = temporaryFolder();
    writeFileSync(join(folder, "shop.yaml"), service("s0"));
    const first = await loadIntent(folder);
    ({ stop } = watchIntent(folder, first, (state) => states.emit("state", state)));
  });

  afterEach(() => {
    stop();
  });

  function service(name: string): string {
    return `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team-shop}
spec: {endpoints: ["127.0.0.1:9000"]}
`;
  }

  /** The names of the services once `write` was seen. */
  async function servicesAfter(write: () => void): Promise<string[]> {
    const seen = once(states, "state") as Promise<[IntentState]>;
    write();
    const [{ policySet }] = await seen;
    return (policySet?.services ?? []).map(({ name }) => name).sort();
  }

  function replace(file: string, name: string): void {
    writeFileSync(join(folder, ".next"), service(name));
    renameSync(join(folder, ".next"), join(folder, file));
  }

  it("is read again after each of 5 times that a file was replaced by another", async () => {
    for (let i = 1; i <= 5; i++) {
      assert.deepEqual(await servicesAfter(() => replace("shop.yaml", `s${i}`)), [`s${i}`]);
    }
  });

  it("is read again after a folder was made in it, and after each of 3 changes in there", async () => {
    assert.deepEqual(await servicesAfter(() => mkdirSync(join(folder, "more"))), ["s0"]);
    for (let i = 1; i <= 3; i++) {
      const write = () => writeFileSync(join(folder, "more/a.yaml"), service(`t${i}`));
      assert.deepEqual(await servicesAfter(write), ["s0", `t${i}`]);
    }
    const remove = () => rmSync(join(folder, "more"), { recursive: true });
    assert.deepEqual(await servicesAfter(remove), ["s0"]);
  });
});
