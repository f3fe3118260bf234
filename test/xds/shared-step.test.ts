import assert from "node:assert/strict";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { createDeltaMachine, type DeltaMachine } from "../../src/xds/delta.ts";
import type { XdsResponse } from "../../src/xds/discovery.ts";
import { Held } from "../../src/xds/held.ts";
import { createSnapshot, type Snapshot, typeSnapshotOf } from "../../src/xds/snapshot.ts";
import { encodeDelta } from "../../src/xds/wire.ts";

const snapshotOf = (...contents: string[]) =>
  createSnapshot(
    contents.map((content, index) => ({
      typeUrl: CLUSTER_TYPE,
      name: `c${index}`,
      value: Buffer.from(content),
    })),
  );

function publish(machine: DeltaMachine, snapshot: Snapshot): XdsResponse | undefined {
  return sent(machine.step({ kind: "snapshot", nowMs: 0, snapshot }));
}

function ask(machine: DeltaMachine, more: { nonce?: string; known?: Record<string, string> } = {}) {
  const request = { typeUrl: CLUSTER_TYPE, nonce: "", subscribe: [], unsubscribe: [], known: {} };
  return sent(machine.step({ kind: "request", nowMs: 0, request: { ...request, ...more } }));
}

function sent(actions: ReturnType<DeltaMachine["step"]>): XdsResponse | undefined {
  for (const action of actions) if (action.kind === "send") return action.response;
  return undefined;
}

describe("steps that streams share", () => {
  it("are one array of resources for 3 wildcard streams, on connecting and on a change", () => {
    const [first, second] = [snapshotOf("1", "1"), snapshotOf("1", "2")];
    const machines = [1, 2, 3].map(() => createDeltaMachine());
    for (const machine of machines) publish(machine, first);
    const starts = machines.map((machine) => ask(machine));
    for (const [index, machine] of machines.entries()) {
      ask(machine, { nonce: starts[index]?.nonce ?? "" });
    }
    const changes = machines.map((machine) => publish(machine, second));

    assert.equal(new Set(starts.map((response) => response?.resources)).size, 1);
    assert.equal(new Set(changes.map((response) => response?.resources)).size, 1);
    assert.deepEqual(
      changes[0]?.resources.map(({ name }) => name),
      ["c1"],
    );
  });

  it("are the same for a stream that came back with what it holds", () => {
    const [first, second] = [snapshotOf("1", "1"), snapshotOf("1", "2")];
    const stayed = createDeltaMachine();
    publish(stayed, first);
    ask(stayed, { nonce: ask(stayed)?.nonce ?? "" });
    const back = createDeltaMachine();
    publish(back, first);
    const { resources } = typeSnapshotOf(first, CLUSTER_TYPE);
    const known = Object.fromEntries([...resources].map(([name, { version }]) => [name, version]));
    assert.equal(ask(back, { known }), undefined);

    assert.equal(publish(back, second)?.resources, publish(stayed, second)?.resources);
  });

  it("differ in the nonce alone, which each stream counts for itself", () => {
    const machine = createDeltaMachine();
    publish(machine, snapshotOf("1"));
    const response = ask(machine);
    assert.ok(response !== undefined);
    const [one, other] = ["a", "zz"].map((nonce) => encodeDelta({ ...response, nonce }));

    assert.equal(other?.length, (one?.length ?? 0) + 1);
    assert.deepEqual(other?.subarray(0, -4), one?.subarray(0, -3));
  });

  it("are not shared across versions or removals: the same resources are encoded anew", () => {
    const machine = createDeltaMachine();
    publish(machine, snapshotOf("1"));
    const response = ask(machine);
    assert.ok(response !== undefined);
    encodeDelta(response);

    assert.ok(encodeDelta({ ...response, version: "v2" }).includes("v2"));
    assert.ok(encodeDelta({ ...response, removed: ["gone"] }).includes("gone"));
    assert.ok(!encodeDelta(response).includes("gone"));
  });
});

describe("what a client holds", () => {
  const { resources } = typeSnapshotOf(snapshotOf("1", "2"), CLUSTER_TYPE);

  it("is the snapshot's own map, then a copy that leaves it untouched, then the map again", () => {
    const held = new Held();
    held.become(resources);
    assert.equal(held.shared, resources);

    held.delete("c0");
    assert.equal(held.shared, undefined);
    assert.deepEqual([...held.keys()], ["c1"]);
    assert.equal(resources.size, 2);

    held.settle(resources);
    assert.equal(held.shared, undefined);
    const restored = resources.get("c0");
    assert.ok(restored !== undefined);
    held.set(restored);
    held.settle(resources);
    assert.equal(held.shared, resources);
  });

  it("does not settle on a map of the same names with another version", () => {
    const held = new Held();
    for (const resource of typeSnapshotOf(snapshotOf("1", "3"), CLUSTER_TYPE).resources.values()) {
      held.set(resource);
    }
    held.settle(resources);
    assert.equal(held.shared, undefined);
    assert.equal(held.get("c1")?.version === resources.get("c1")?.version, false);
  });
});
