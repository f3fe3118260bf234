import assert from "node:assert/strict";
import { discoveryName, toNodeDocuments } from "../../src/api/node-document.ts";
import { parseRole, roleFault, roleKey } from "../../src/policy/node-role.ts";
import { CLUSTER_TYPE, EXTENSION_CONFIG_TYPE } from "../../src/proto/type-url.ts";
import type { NodeStatus } from "../../src/xds/node-status.ts";
import { nodeEvidence } from "../decide/evidence.ts";
import { policySet } from "../support/policy-set.ts";

function nodeStatus(nodeId: string, types: NodeStatus["types"] = []): NodeStatus {
  const locality = { region: "", zone: "", subZone: "" };
  const node = {
    id: nodeId,
    cluster: "edge",
    metadata: {},
    locality,
    clientFeatures: [],
    userAgent: "envoy",
  };
  return { nodeId, key: "edge", node, streams: 1, isConnected: true, sinceMs: 0, types };
}

describe("node documents", () => {
  it("join what the transport and the evidence know, by id, and keep a node only one of them knows", () => {
    const rows = toNodeDocuments({
      status: [nodeStatus("b"), nodeStatus("a")],
      evidence: {
        nowMs: 0,
        nodes: [nodeEvidence({ node: "b" }), nodeEvidence({ node: "c", role: "gateway/inner" })],
      },
      roleOf: () => ({ role: "gateway", name: "edge" }),
    });

    assert.deepEqual(
      rows.map(({ id, connected, role, evidence }) => [
        ...[id, connected, role && roleKey(role)],
        evidence !== undefined,
      ]),
      [
        ["a", true, "gateway/edge", false],
        ["b", true, "gateway/edge", true],
        ["c", false, "gateway/inner", true],
      ],
    );
  });

  it("tell of a gateway misspelt in a bootstrap, of none at all, and of 2 Envoys with one id", () => {
    const intent = policySet();
    const roles = { a: "gateway/edge", b: "gateway/egde", c: "" };
    const rows = toNodeDocuments({
      status: [
        nodeStatus("a"),
        nodeStatus("b"),
        nodeStatus("c"),
        { ...nodeStatus("a2"), streams: 2 },
      ],
      evidence: { nowMs: 0, nodes: [] },
      roleOf: ({ id }) => parseRole(roles[id as "a"] ?? "gateway/edge"),
      faultOf: (role) => roleFault(role, intent),
    });

    assert.deepEqual(
      rows.map(({ id, faults = [] }) => [id, ...faults.map((fault) => fault.split(" (")[0])]),
      [
        ["a"],
        ["a2", "is the id of 2 Envoys: give each one of its own"],
        ["b", "runs as gateway/egde, which the intent does not have; did you mean gateway/edge?"],
        ["c", "does not say what it runs as"],
      ],
    );
  });

  it("give each type its short name, the version the node holds, and its refusals", () => {
    const rejection = { name: "edge_0", version: "v9", message: "no", sinceMs: 1 };
    const [row] = toNodeDocuments({
      status: [
        nodeStatus("a", [
          { typeUrl: CLUSTER_TYPE, state: "SYNCED", acked: "v1", rejections: [] },
          { typeUrl: EXTENSION_CONFIG_TYPE, state: "REJECTED", rejections: [rejection] },
        ]),
      ],
      evidence: { nowMs: 0, nodes: [] },
      roleOf: () => undefined,
    });

    assert.deepEqual(row, {
      id: "a",
      connected: true,
      types: [
        { type: "CDS", state: "SYNCED", version: "v1", rejections: [] },
        { type: "ECDS", state: "REJECTED", rejections: [{ name: "edge_0", message: "no" }] },
      ],
    });
    assert.equal(discoveryName("type.googleapis.com/a.b.C"), "a.b.C");
  });
});
