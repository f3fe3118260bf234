import assert from "node:assert/strict";
import { LoadReports, type LocalityLoad } from "../../src/evidence/load-reports.ts";

function load(cluster: string, issued: number, parts: Partial<LocalityLoad> = {}): LocalityLoad {
  const rest = { succeeded: issued, failed: 0, inflight: 0, region: "eu", zone: "a" };
  return { cluster, issued, ...rest, ...parts };
}

const report = (...loads: LocalityLoad[]) => ({ intervalMs: 5000, loads });

describe("load reports", () => {
  it("adds up two reports of 50 and 100 requests, and gives the rate of the last: 20 a second", () => {
    const store = new LoadReports();
    store.observe("edge-1", 0, report(load("shop.v1", 50, { failed: 5 })));
    store.observe("edge-1", 5000, report(load("shop.v1", 100, { failed: 10, inflight: 7 })));

    assert.deepEqual(store.snapshot(6000), [
      {
        node: "edge-1",
        ageMs: 1000,
        loads: [
          {
            ...load("shop.v1", 150, { failed: 15, inflight: 7 }),
            issuedRps: 20,
            failedRps: 2,
          },
        ],
      },
    ]);
  });

  it("keeps clusters, localities and nodes apart, by name", () => {
    const store = new LoadReports();
    store.observe("edge-2", 0, report(load("b", 1), load("a", 2, { zone: "b" }), load("a", 3)));
    store.observe("edge-1", 0, report(load("a", 4)));

    const seen = store.snapshot(0).map(({ node, loads }) => [node, ...loads.map((l) => l.issued)]);
    assert.deepEqual(seen, [
      ["edge-1", 4],
      ["edge-2", 3, 2, 1],
    ]);
  });

  it("gives rate 0 and keeps the sum of a cluster that the last report leaves out", () => {
    const store = new LoadReports();
    store.observe("edge-1", 0, report(load("a", 50, { inflight: 3 })));
    store.observe("edge-1", 5000, report());

    const [only] = store.snapshot(5000)[0]?.loads ?? [];
    assert.deepEqual([only?.issued, only?.issuedRps, only?.inflight], [50, 0, 0]);
  });

  it("knows no rate of a report that does not say what it covers", () => {
    const store = new LoadReports();
    store.observe("edge-1", 0, { intervalMs: 0, loads: [load("a", 50)] });

    assert.equal(store.snapshot(0)[0]?.loads[0]?.issuedRps, 0);
  });

  it("keeps nothing under a name of 600 characters", () => {
    const store = new LoadReports();
    store.observe("edge-1", 0, report(load("x".repeat(600), 1), load("a", 1)));

    assert.deepEqual(
      store.snapshot(0)[0]?.loads.map(({ cluster }) => cluster),
      ["a"],
    );
  });

  it("holds 1024 clusters of a node and 2048 nodes, the newest, and forgets after 15 minutes", () => {
    const store = new LoadReports();
    const many = Array.from({ length: 1500 }, (_, index) => load(`c${index}`, 1));
    store.observe("edge-1", 0, report(...many));
    assert.equal(store.snapshot(0)[0]?.loads.length, 1024);

    for (let index = 0; index < 3000; index++) store.observe(`n${index}`, 1, report());
    const nodes = store.snapshot(1);
    assert.equal(nodes.length, 2048);
    assert.ok(nodes.some(({ node }) => node === "n2999"));

    assert.equal(store.snapshot(15 * 60_000 + 2).length, 0);
  });
});
