import assert from "node:assert/strict";
import fc from "fast-check";
import type { NodeEvidence } from "../../src/evidence/snapshot.ts";
import type { Sample } from "../../src/evidence/source.ts";
import { EvidenceStore } from "../../src/evidence/store.ts";

const COMPLETED = "wasmcustom.qmesh.shop.completed";
const RTT = "wasmcustom.qmesh.shop.rtt_us";
const LIMIT = "wasmcustom.qmesh.shop.limit";
const ADMITTED = "wasmcustom.qmesh.shop.tier.default.admitted";
const SHED = "wasmcustom.qmesh.shop.tier.default.shed";

function counter(name: string, value: number): Sample {
  return { name, kind: "counter", value };
}

function gauge(name: string, value: number): Sample {
  return { name, kind: "gauge", value };
}

function only(store: EvidenceStore, nowMs: number): NodeEvidence {
  const { nodes } = store.snapshot(nowMs);
  assert.equal(nodes.length, 1);
  return nodes[0]!;
}

/** One report a second from second 0 on, each with one value of `admitted`. */
function reported(values: readonly number[], stepMs = 1000): EvidenceStore {
  const store = new EvidenceStore();
  values.forEach((value, i) => {
    store.observe("edge-1", i * stepMs, [counter(ADMITTED, value)]);
  });
  return store;
}

function admittedRps(store: EvidenceStore, nowMs: number): number {
  return only(store, nowMs).scopes[0]!.tiers[0]!.admittedRps;
}

describe("evidence store", () => {
  it("takes a rate over the last 5 s: 0, 10, 20 ... 70 a second is 10/s", () => {
    const store = reported([0, 10, 20, 30, 40, 50, 60, 70]);

    const { windowMs } = only(store, 7000);

    assert.equal(windowMs, 5000);
    assert.equal(admittedRps(store, 7000), 10);
  });

  it("forgets what is older than the window: 1000 in the 1st second of 8 is 0/s", () => {
    assert.equal(
      admittedRps(reported([0, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000]), 8000),
      0,
    );
  });

  it("knows no rate from one report, whatever its counters say", () => {
    const store = reported([123_456]);

    assert.equal(only(store, 0).windowMs, 0);
    assert.equal(admittedRps(store, 0), 0);
    assert.equal(only(store, 0).scopes[0]!.tiers[0]!.admitted, 123_456);
  });

  it("counts all of a value that runs back: 100, 200, 30 is a rise of 130 in 2 s", () => {
    assert.equal(admittedRps(reported([100, 200, 30]), 2000), 130 / 2);
  });

  it("counts a counter that appears in a later report from 0: Envoy leaves it out until it first rises", () => {
    const store = new EvidenceStore();
    store.observe("edge-1", 0, [counter(ADMITTED, 500)]);
    store.observe("edge-1", 1000, [counter(ADMITTED, 500), counter(SHED, 40)]);

    const [tier] = only(store, 1000).scopes[0]!.tiers;

    assert.equal(tier!.shedRps, 40);
    assert.equal(tier!.admittedRps, 0);
  });

  it("takes the second message of a first report for the same report", () => {
    const store = new EvidenceStore();
    store.observe("edge-1", 990, [counter(ADMITTED, 500)]);
    store.observe("edge-1", 1010, [counter(SHED, 40_000)]);
    store.observe("edge-1", 1990, [counter(ADMITTED, 500)]);
    store.observe("edge-1", 2010, [counter(SHED, 40_002)]);

    const [tier] = only(store, 2010).scopes[0]!.tiers;

    assert.ok(Math.abs(tier!.shedRps - 2 / 1.02) < 1e-9, `${tier!.shedRps}/s`);
  });

  it("spreads what came during a gap of 60 s over the gap: 600 more is 10/s", () => {
    const store = reported([0, 0]);
    store.observe("edge-1", 61_000, [counter(ADMITTED, 600)]);

    assert.equal(only(store, 61_000).windowMs, 60_000);
    assert.equal(admittedRps(store, 61_000), 10);
  });

  it("is exact however the reports jitter: 100 a second at odd times is 100/s", () => {
    const store = new EvidenceStore();
    for (const ms of [0, 1040, 1960, 3130, 3999, 5020, 6001])
      store.observe("edge-1", ms, [counter(ADMITTED, ms / 10)]);

    assert.ok(Math.abs(admittedRps(store, 6001) - 100) < 1e-9);
  });

  it("takes the mean rtt of the window's requests: 30 ms over 20 requests", () => {
    const store = new EvidenceStore();
    store.observe("edge-1", 0, [counter(COMPLETED, 100), counter(RTT, 9_000_000)]);
    store.observe("edge-1", 1000, [counter(COMPLETED, 120), counter(RTT, 9_600_000)]);

    const [scope] = only(store, 1000).scopes;

    assert.equal(scope!.rttMs, 600_000 / 20 / 1000);
    assert.equal(scope!.completedRps, 20);
  });

  it("says nothing of rtt where nothing completed", () => {
    const store = new EvidenceStore();
    store.observe("edge-1", 0, [gauge(LIMIT, 16)]);

    assert.equal("rttMs" in only(store, 0).scopes[0]!, false);
    assert.equal(only(store, 0).scopes[0]!.limit, 16);
  });

  it("reads the baseline of 20500 us as 20.5 ms, and has none while the filter shows 0", () => {
    const store = new EvidenceStore();
    const baseline = "wasmcustom.qmesh.shop.baseline_us";

    store.observe("edge-1", 0, [gauge(baseline, 0)]);
    assert.equal("baselineMs" in only(store, 0).scopes[0]!, false);
    store.observe("edge-1", 1000, [gauge(baseline, 20_500)]);
    assert.equal(only(store, 1000).scopes[0]!.baselineMs, 20.5);
  });

  for (const [ageMs, state] of [
    [2500, "ok"],
    [2501, "late"],
    [5000, "late"],
    [5001, "blind"],
  ] as const) {
    it(`is ${state} ${ageMs} ms after the last report, and keeps its last numbers`, () => {
      const store = reported([0, 10, 20]);

      const node = only(store, 2000 + ageMs);

      assert.deepEqual([node.state, node.ageMs], [state, ageMs]);
      assert.equal(node.scopes[0]!.tiers[0]!.admittedRps, 10);
    });
  }

  it("is blind from the start for a node that is expected and never reports", () => {
    const store = new EvidenceStore();
    store.expect("edge-1", "gateway/edge", 1000);

    const node = only(store, 1500);

    assert.deepEqual(
      [node.hasReported, node.state, node.ageMs, node.role],
      [false, "blind", 500, "gateway/edge"],
    );
    assert.deepEqual(node.scopes, []);
  });

  it("knows no role of a node that said none", () => {
    const store = new EvidenceStore();
    store.expect("edge-1", undefined, 0);

    assert.equal("role" in only(store, 0), false);
  });

  it("forgets a node 15 minutes after its last report", () => {
    const store = reported([0]);

    assert.equal(store.snapshot(900_000).nodes.length, 1);
    assert.equal(store.snapshot(900_001).nodes.length, 0);
  });

  it("lists nodes, scopes and tiers by name, whatever order they came in", () => {
    const store = new EvidenceStore();
    for (const node of ["b", "c", "a"])
      store.observe(node, 0, [
        gauge("wasmcustom.qmesh.y.limit", 1),
        counter("wasmcustom.qmesh.x.tier.b.shed", 1),
        counter("wasmcustom.qmesh.x.tier.a.shed", 1),
      ]);

    const { nodes } = store.snapshot(0);

    assert.deepEqual(
      nodes.map(({ node }) => node),
      ["a", "b", "c"],
    );
    const [x, y] = nodes[0]!.scopes;
    assert.deepEqual([x!.scope, y!.scope], ["x", "y"]);
    assert.deepEqual(
      x!.tiers.map(({ tier }) => tier),
      ["a", "b"],
    );
  });

  it("drops a metric an Envoy stopped repeating for 11 reports: the process that had it is gone", () => {
    const store = new EvidenceStore();
    const shedOf = (ms: number) => only(store, ms).scopes[0]!.tiers[0]!.shed;
    store.observe("edge-1", 0, [counter(ADMITTED, 9), counter(SHED, 900)]);
    for (let second = 1; second <= 10; second++)
      store.observe("edge-1", second * 1000, [counter(ADMITTED, second)]);

    assert.equal(shedOf(10_000), 900);
    store.observe("edge-1", 11_000, [counter(ADMITTED, 11)]);
    assert.equal(shedOf(11_000), 0);

    store.observe("edge-1", 12_000, [counter(ADMITTED, 12), counter(SHED, 1000)]);
    assert.equal(only(store, 12_000).scopes[0]!.tiers[0]!.shedRps, 1000 / 5);
  });

  it("keeps two metrics of two, refuses the third and counts it", () => {
    const store = new EvidenceStore({ maxSeries: 2 });
    const report = [counter(ADMITTED, 1), counter(SHED, 1), gauge(LIMIT, 1)];

    store.observe("edge-1", 0, report);
    store.observe("edge-1", 1000, report);

    assert.equal(store.dropped, 2);
    assert.equal(only(store, 1000).scopes[0]!.limit, 0);
    assert.equal(only(store, 1000).scopes[0]!.tiers[0]!.shed, 1);
  });

  it("never lets 1000 clusters push a scope out", () => {
    const store = new EvidenceStore({ maxSeries: 2 });
    const clusters = Array.from({ length: 1000 }, (_, i) =>
      counter(`cluster.c${i}.upstream_rq_total`, 1),
    );

    store.observe("edge-1", 0, [...clusters, gauge(LIMIT, 7)]);

    assert.equal(only(store, 0).scopes[0]!.limit, 7);
    assert.equal(only(store, 0).clusters.length, 2);
    assert.equal(store.dropped, 998);
  });

  it("gives the place of the node silent for longest to a third of two, and counts it", () => {
    const store = new EvidenceStore({ maxSources: 2 });
    store.observe("a", 0, []);
    store.observe("b", 1, []);
    store.observe("a", 2, []);
    store.observe("c", 3, []);

    assert.deepEqual(
      store.snapshot(3).nodes.map(({ node }) => node),
      ["a", "c"],
    );
    assert.equal(store.dropped, 1);
  });

  it("drops and counts NaN, infinity and negative values", () => {
    const store = new EvidenceStore();
    store.observe("edge-1", 0, [counter(ADMITTED, 5)]);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1])
      store.observe("edge-1", 1000, [counter(ADMITTED, value), gauge(LIMIT, value)]);

    assert.equal(store.dropped, 6);
    assert.equal(only(store, 1000).scopes[0]!.tiers[0]!.admitted, 5);
  });

  it("shows a cluster only by its total: `external` counters of shop.v1 make no row", () => {
    const store = new EvidenceStore();
    const report = (total: number, errors: number) => [
      counter("cluster.shop.v1.upstream_rq_total", total),
      counter("cluster.shop.v1.upstream_rq_5xx", errors),
      counter("cluster.shop.v1.external.upstream_rq_5xx", errors),
      gauge("cluster.shop.v1.upstream_rq_active", 3),
      gauge("cluster.shop.v1.upstream_cx_active", 2),
    ];
    store.observe("edge-1", 0, report(0, 0));
    store.observe("edge-1", 1000, report(50, 5));

    assert.deepEqual(only(store, 1000).clusters, [
      { cluster: "shop.v1", requestRps: 50, error5xxRps: 5, inflight: 3, connections: 2 },
    ]);
  });

  it("is not moved by any report that comes twice", () => {
    fc.assert(
      fc.property(reports, fc.nat(), (all, at) => {
        const twice = all.flatMap((each, i) => (i === at % all.length ? [each, each] : [each]));
        assert.deepEqual(replay(twice), replay(all));
      }),
    );
  });

  it("gives the true rate for any rising counter, resets included, and never a negative one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ rise: fc.nat(1e6), resets: fc.boolean() }), { minLength: 2 }),
        (steps) => {
          const store = new EvidenceStore();
          let value = 0;
          steps.forEach(({ rise, resets }, second) => {
            // A counter that began again and passed its old value cannot be told from one that did not.
            value = resets && rise < value ? rise : value + rise;
            store.observe("edge-1", second * 1000, [counter(ADMITTED, value)]);
          });
          const last = steps.slice(1).slice(-5);
          const truth = last.reduce((sum, { rise }) => sum + rise, 0) / last.length;
          const rps = admittedRps(store, steps.length * 1000);
          assert.ok(Math.abs(rps - truth) <= 1e-9 * Math.max(1, truth), `${rps} is not ${truth}`);
        },
      ),
    );
  });

  it("stays finite and at least 0 when time runs back or stands", () => {
    fc.assert(
      fc.property(reports, (all) => {
        for (const node of replay(all, false)) {
          assert.ok(node.windowMs >= 0 && node.ageMs >= 0);
          for (const { tiers } of node.scopes)
            for (const tier of tiers)
              assert.ok(Number.isFinite(tier.admittedRps) && tier.admittedRps >= 0);
        }
      }),
    );
  });
});

interface Report {
  readonly ms: number;
  readonly value: number;
}

const reports = fc.array(fc.record({ ms: fc.nat(20_000), value: fc.nat(1e9) }), {
  minLength: 1,
  maxLength: 40,
});

function replay(all: readonly Report[], inOrder = true): readonly NodeEvidence[] {
  const store = new EvidenceStore();
  const played = inOrder ? [...all].sort((a, b) => a.ms - b.ms) : all;
  for (const { ms, value } of played) store.observe("edge-1", ms, [counter(ADMITTED, value)]);
  return store.snapshot(20_000).nodes;
}
