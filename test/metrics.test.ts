import assert from "node:assert/strict";
import { createMetrics, type MeshState } from "../src/metrics.ts";
import { nodeDocument, statusDocument } from "./api/documents.ts";

const EMPTY: MeshState = { intent: {}, nodes: [], decisions: [], evidenceDropped: 0 };

/** Lines of metrics of ours that carry a value. */
async function lines(state: MeshState): Promise<string[]> {
  const text = await createMetrics(() => state).text();
  return text.split("\n").filter((line) => line.startsWith("qmesh_"));
}

describe("metrics", () => {
  it("show the state of every node, type, scope and tier of the status document", async () => {
    const { nodes, decisions } = statusDocument();

    const got = await lines({ intent: {}, nodes, decisions, evidenceDropped: 3 });

    for (const line of [
      'qmesh_node_connected{node="edge-1"} 1',
      'qmesh_node_config_state{node="edge-1",type="RDS",state="SYNCED"} 1',
      'qmesh_evidence_age_seconds{node="edge-1"} 0.3',
      'qmesh_scope_limit{node="edge-1",scope="checkout"} 16',
      'qmesh_scope_inflight{node="edge-1",scope="checkout"} 16',
      'qmesh_tier_requests_total{node="edge-1",scope="checkout",tier="default",verdict="shed"} 0',
      'qmesh_decisions{kind="filter-bounds",state="saturated"} 1',
      "qmesh_evidence_dropped_total 3",
    ])
      assert.ok(got.includes(line), `${line}\nis not in\n${got.join("\n")}`);
  });

  it("take the counters of a tier as the filter has them, on the second scrape too", async () => {
    const node = nodeDocument();
    const tier = { ...node.evidence!.scopes[0]!.tiers[0]!, admitted: 7, shed: 5, wouldShed: 2 };
    const scope = { ...node.evidence!.scopes[0]!, tiers: [tier] };
    const row = nodeDocument({ evidence: { ...node.evidence!, scopes: [scope] } });
    const metrics = createMetrics(() => ({ ...EMPTY, nodes: [row] }));

    await metrics.text();
    const text = await metrics.text();

    assert.match(text, /verdict="admitted"\} 7\n/);
    assert.match(text, /verdict="shed"\} 5\n/);
    assert.match(text, /verdict="would_shed"\} 2\n/);
  });

  it("leave nothing behind of a node that is gone", async () => {
    let state: MeshState = { ...EMPTY, nodes: [nodeDocument()] };
    const metrics = createMetrics(() => state);
    assert.match(await metrics.text(), /edge-1/);

    state = EMPTY;

    assert.doesNotMatch(await metrics.text(), /edge-1/);
  });

  it("count loads, pushes, refusals and refused streams", async () => {
    const metrics = createMetrics(() => EMPTY);
    metrics.intent.countLoad("refused");
    metrics.xds.countPush("CDS");
    metrics.xds.countPush("CDS");
    metrics.xds.countNack("LDS");
    metrics.telemetry.countRefusedStream();

    const text = await metrics.text();

    assert.match(text, /^qmesh_intent_loads_total\{result="refused"\} 1$/m);
    assert.match(text, /^qmesh_xds_pushes_total\{type="CDS"\} 2$/m);
    assert.match(text, /^qmesh_xds_nacks_total\{type="LDS"\} 1$/m);
    assert.match(text, /^qmesh_telemetry_refused_streams_total 1$/m);
  });

  it("keep a hostile node id inside its label", async () => {
    const got = await lines({ ...EMPTY, nodes: [nodeDocument({ id: 'a"} 1\nqmesh_forged 2' })] });

    assert.deepEqual(
      got.filter((line) => line.startsWith("qmesh_forged")),
      [],
    );
    assert.ok(got.some((line) => line.startsWith(String.raw`qmesh_node_connected{node="a\"} 1\n`)));
  });
});
