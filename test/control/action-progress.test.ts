import assert from "node:assert/strict";
import { ActionTracker, type TrackedNode } from "../../src/control/action-progress.ts";
import { type ActionInForce, knobOf, type MeshMove } from "../../src/decide/act/action.ts";

const MOVE: MeshMove = { kind: "timeout", service: "shop", timeoutMs: 500 };
const ACTION: ActionInForce = {
  id: "a-1",
  knob: knobOf(MOVE),
  by: { kind: "Policy", name: "p" },
  class: "reliability",
  move: MOVE,
  sinceTick: 100,
  isShadow: false,
};

/** A mesh that holds one type, published in version `v2`. */
class Rig {
  heard = 100;
  readonly tracker = new ActionTracker({ published: () => "v2", heardTick: () => this.heard });
  tick = 100;

  look(nodes: readonly TrackedNode[], actions: readonly ActionInForce[] = [ACTION]) {
    this.tick += 1;
    return this.tracker.look(actions, nodes, this.tick);
  }

  get states(): string {
    const { nodes = [], outcome } = this.tracker.of("a-1") ?? {};
    return `${outcome}: ${nodes.map(({ nodeId, state }) => `${nodeId} ${state}`).join(", ")}`;
  }
}

function node(nodeId: string, sent: string, acked: string, message?: string): TrackedNode {
  const rejections = message === undefined ? [] : [{ name: "routes", version: "v2", message }];
  const types = [{ typeUrl: "rds", sent, acked, rejections }];
  return { nodeId, key: "gateway/edge", isConnected: true, types };
}

describe("progress of an action", () => {
  it("is intent, pushed, acked and, once the Envoy has reported since, observed, for each of 2 Envoys", () => {
    const rig = new Rig();
    rig.look([node("a", "v1", "v1"), node("b", "v2", "v1")]);
    assert.equal(rig.states, "applying: a intent, b pushed");
    rig.look([node("a", "v2", "v2"), node("b", "v2", "v2")]);
    assert.equal(rig.states, "applying: a acked, b acked");
    rig.heard = 103;
    rig.look([node("a", "v2", "v2"), node("b", "v2", "v2")]);
    assert.equal(rig.states, "applied: a observed, b observed");
  });

  it("is partial when 1 of 2 refuses, told once in Envoy's words, and known still when it is over", () => {
    const rig = new Rig();
    const nodes = [node("a", "v2", "v2"), node("b", "v2", "v1", "no such cluster")];
    rig.look([node("a", "v2", "v1"), node("b", "v2", "v1")]);
    const refused = rig.look(nodes);
    assert.deepEqual(
      refused.map(({ why }) => why),
      ["1 of 2 Envoys refuse it, b: routes: no such cluster"],
    );
    for (let i = 0; i < 20; i++) assert.deepEqual(rig.look(nodes), []);
    rig.look(nodes, []);
    assert.equal(rig.states, "partial: a acked, b refused");
  });

  it("is not to blame for what an Envoy refused before it", () => {
    const rig = new Rig();
    const bad = node("b", "v2", "v1", "no such cluster");
    const before = { ...bad, types: bad.types.map((type) => ({ ...type, acked: "v2" })) };
    assert.deepEqual(rig.look([before]), []);
    assert.equal(rig.states, "applying: b acked");
  });

  it("is looked at again after 10 s: an Envoy that comes later and refuses it is found", () => {
    const rig = new Rig();
    rig.look([node("a", "v2", "v2")]);
    rig.heard = 105;
    rig.look([node("a", "v2", "v2")]);
    const nodes = [node("a", "v2", "v2"), node("late", "v2", "v1", "no")];
    const found = Array.from({ length: 10 }, () => rig.look(nodes).length);
    assert.deepEqual(found, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});
