import assert from "node:assert/strict";
import { AccessCounts } from "../../src/evidence/access-counts.ts";
import type { AccessSample } from "../../src/evidence/access-samples.ts";
import { ClusterCounts } from "../../src/evidence/cluster-counts.ts";
import { SLOW_MS, sampledRatioOf } from "../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { LoadCounts } from "../../src/evidence/load-counts.ts";
import { Witnesses } from "../../src/evidence/witnesses.ts";

const START = 1_800_000_000;
const ARM = { service: "shop", version: "v1" };

function rig() {
  const ledger = new EvidenceLedger();
  ledger.advance(START);
  const witnesses = new Witnesses();
  const armOf = (cluster: string) => (cluster === "shop.v1" ? ARM : undefined);
  const clusters = new ClusterCounts({ ledger, witnesses, armOf });
  const loads = new LoadCounts({ ledger, witnesses, armOf });
  const totals = new Map<string, { tried: number; failed: number }>();
  /** A second of one Envoy: what its counters say came, and what its load report says. */
  const metrics = (node: string, tried: number, failed = 0) => {
    const total = totals.get(node) ?? { tried: 1000, failed: 10 };
    totals.set(node, { tried: total.tried + tried, failed: total.failed + failed });
    const now = totals.get(node)!;
    const sample = (what: string, value: number) =>
      ({ name: `cluster.shop.v1.${what}`, kind: "counter", value }) as const;
    const samples = [
      sample("upstream_rq_total", now.tried),
      sample("upstream_rq_completed", now.tried),
      sample("upstream_rq_5xx", now.failed),
    ];
    clusters.observe(node, { samples, histograms: [] });
  };
  const report = (node: string, issued: number, failed = 0, zone = "a") =>
    loads.observe(node, {
      loads: [
        {
          ...{ cluster: "shop.v1", region: "eu", zone, issued, failed },
          ...{ succeeded: issued - failed, inflight: 0 },
        },
      ],
    });
  const tick = () => {
    ledger.setDisagreements(witnesses.disagreements());
    ledger.advance(ledger.tick + 1);
  };
  return { ledger, metrics, report, tick };
}

describe("load reports as counts", () => {
  it("are requests and failures by region/zone: 30 and 6 in eu/a, 10 and 0 in eu/b", () => {
    const { ledger, report, tick } = rig();
    for (let second = 0; second < 10; second++) {
      report("edge-1", 3, second < 6 ? 1 : 0);
      report("edge-1", 1, 0, "b");
      tick();
    }
    const evidence = ledger.evidence();
    const of = (locality: string) => {
      const { requests, errors, seconds } = evidence.countsOf({ service: "shop", locality }, 60);
      return [requests, errors, seconds];
    };
    assert.deepEqual(evidence.partsOf("shop", "locality"), ["eu/a", "eu/b"]);
    assert.deepEqual(of("eu/a"), [30, 6, 10]);
    assert.deepEqual(of("eu/b"), [10, 0, 10]);
  });

  it("with counts that are none (negative, NaN, 10^18) are passed over", () => {
    const { ledger, report, tick } = rig();
    for (const issued of [-5, Number.NaN, 1e18]) report("edge-1", issued);
    tick();
    assert.deepEqual(ledger.evidence().partsOf("shop", "locality"), []);
  });
});

describe("two accounts of one Envoy", () => {
  it("that agree within a fifth are both taken, and nothing is said", () => {
    const { ledger, metrics, report, tick } = rig();
    for (let second = 0; second < 60; second++) {
      metrics("edge-1", 100, 5);
      report("edge-1", second % 2 === 0 ? 90 : 105);
      tick();
    }
    assert.deepEqual(ledger.evidence().disagreements, []);
    assert.equal(ledger.evidence().countsOf(ARM, 10).requests, 1000);
  });

  it("that do not: the node is named and left out within 45 s, the others count on", () => {
    const { ledger, metrics, report, tick } = rig();
    let saidAfter = 0;
    for (let second = 1; second <= 90; second++) {
      // The liar says by its counters that all is well with a thousand requests it never had.
      metrics("liar", 1000, 0);
      report("liar", 10, 8);
      metrics("honest", 50, 5);
      report("honest", 50, 5);
      tick();
      if (saidAfter === 0 && ledger.evidence().disagreements.length > 0) saidAfter = second;
    }
    const evidence = ledger.evidence();
    assert.ok(saidAfter > 0 && saidAfter <= 46, `said after ${saidAfter} s`);
    assert.deepEqual(
      evidence.disagreements.map(({ node, ratio }) => [node, ratio > 0.9]),
      [["liar", true]],
    );
    assert.match(evidence.disagreements[0]!.what, /^liar counts 15000 requests to shop/);
    const { requests, errors } = evidence.countsOf(ARM, 30);
    assert.deepEqual([requests, errors], [1500, 150]);
  });

  it("are believed again once they have agreed for 15 s", () => {
    const { ledger, metrics, report, tick } = rig();
    for (let second = 0; second < 120; second++) {
      metrics("edge-1", 100, 5);
      report("edge-1", second < 60 ? 0 : 100);
      tick();
      if (second === 55) assert.equal(ledger.evidence().disagreements.length, 1);
    }
    assert.deepEqual(ledger.evidence().disagreements, []);
    assert.equal(ledger.evidence().countsOf(ARM, 10).requests, 1000);
  });

  it("say nothing of each other where one is silent, as behind two control planes", () => {
    const { ledger, metrics, tick } = rig();
    for (let second = 0; second < 60; second++) {
      metrics("edge-1", 100, 5);
      tick();
    }
    assert.deepEqual(ledger.evidence().disagreements, []);
    assert.equal(ledger.evidence().countsOf(ARM, 10).requests, 1000);
  });

  it("do not disagree over a burst that one tells a second after the other", () => {
    const { ledger, metrics, report, tick } = rig();
    let last = 0;
    for (let second = 0; second < 120; second++) {
      const now = second % 15 === 14 ? 1000 : 0;
      metrics("edge-1", now);
      report("edge-1", last);
      last = now;
      tick();
    }
    assert.deepEqual(ledger.evidence().disagreements, []);
  });
});

describe("sampled requests as counts", () => {
  const localities = new Map([["10.0.0.1:80", "eu/a"]]);
  const sample = (more: Partial<AccessSample>): AccessSample => ({
    ...{ cluster: "shop.v1", status: 200, ms: 12, endpoint: "10.0.0.1:80", tries: 1 },
    ...{ headers: { "x-tenant": "acme" }, tier: "critical", requestId: "", ...more },
  });

  function countsAfter(samples: readonly AccessSample[]) {
    const ledger = new EvidenceLedger();
    ledger.advance(START);
    const service = { arm: ARM, tenantHeader: "x-tenant", localities };
    new AccessCounts(ledger, (name) => (name === "shop.v1" ? service : undefined)).observe(samples);
    ledger.advance(START + 1);
    return ledger.evidence();
  }

  it("are by tier and tenant, with 3 requests, 1 failed and 2 slower than 10 ms", () => {
    const evidence = countsAfter([sample({}), sample({ status: 503 }), sample({ ms: 4 })]);
    for (const part of [{ tier: "critical" }, { tenant: "acme" }]) {
      const { requests, errors, timed, slow } = evidence.countsOf({ service: "shop", ...part }, 1);
      const slower = slow[SLOW_MS.indexOf(10)];
      assert.deepEqual([requests, errors, timed, slower], [3, 1, 3, 2]);
    }
  });

  it("tell of one request in 100, and say so", () => {
    assert.equal(sampledRatioOf({ service: "shop", tenant: "acme" }), 0.01);
    assert.equal(sampledRatioOf({ service: "shop", version: "v1" }), 1);
  });

  it("are times only by locality, where load reports count the requests", () => {
    const { requests, timed } = countsAfter([sample({})]).countsOf(
      { service: "shop", locality: "eu/a" },
      1,
    );
    assert.deepEqual([requests, timed], [0, 1]);
  });

  it("leave out what was shed, which reached nobody, and keep Envoy's own 503", () => {
    const evidence = countsAfter([
      sample({ status: 429, endpoint: "" }),
      sample({ status: 503, endpoint: "" }),
    ]);
    const { requests, errors } = evidence.countsOf({ service: "shop", tier: "critical" }, 1);
    assert.deepEqual([requests, errors], [1, 1]);
  });

  it("do not take names of 129 characters or none", () => {
    const evidence = countsAfter([
      sample({ headers: { "x-tenant": "a".repeat(129) } }),
      sample({ headers: { "x-tenant": "" } }),
      sample({ headers: {} }),
    ]);
    assert.deepEqual(evidence.partsOf("shop", "tenant"), []);
  });
});
