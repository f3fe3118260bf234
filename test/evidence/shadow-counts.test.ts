import assert from "node:assert/strict";
import { ANY_SERVICE } from "../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { ShadowCounts } from "../../src/evidence/shadow-counts.ts";

const sample = (name: string, value: number) => ({ name, kind: "counter" as const, value });

function report(allowed: number, denied: number, own?: number) {
  return [
    sample("http.edge_0.rbac.shadow_allowed", allowed),
    sample("http.edge_0.rbac.shadow_denied", denied),
    ...(own === undefined ? [] : [sample("http.edge_0.rbac.policy.a-1.shadow_denied", own)]),
  ];
}

describe("what a denial in shadow would refuse", () => {
  it("is 3 of 100 requests since the first report, which may be days old, and nothing where a counter ran back", () => {
    const ledger = new EvidenceLedger();
    const counts = new ShadowCounts(ledger, () => new Map([["a-1", "a-1 shadow"]]));
    ledger.advance(1000);
    counts.observe("edge-1", report(5000, 50));
    counts.observe("edge-1", report(5097, 53, 3));
    counts.observe("edge-1", report(10, 0, 0));
    ledger.advance(1001);
    const arm = { service: ANY_SERVICE, cohort: "a-1 shadow" };
    const { requests, errors } = ledger.evidence().countsOf(arm, 10);
    assert.deepEqual([requests, errors], [100, 3]);
    assert.deepEqual(ledger.evidence().services, []);
  });
});
