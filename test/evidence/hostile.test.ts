import assert from "node:assert/strict";
import { smallMesh } from "../../bench/decisions/meshes.ts";
import { check } from "../../src/decide/engine/conditions.ts";
import { balanceOf, burnOf } from "../../src/decide/engine/indicator.ts";
import { EMPTY_STATE } from "../../src/decide/engine/state.ts";
import { ClusterCounts } from "../../src/evidence/cluster-counts.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { LoadCounts } from "../../src/evidence/load-counts.ts";
import { Witnesses } from "../../src/evidence/witnesses.ts";
import { compile } from "../../src/policy/cel/compile.ts";

const START = 1_800_000_000;
const SET = smallMesh(1);
const SLO = SET.slos[0]!;

/** One Envoy in front of s0.v1, as it reports; and what the engine makes of it. */
function rig() {
  const ledger = new EvidenceLedger();
  ledger.advance(START);
  const witnesses = new Witnesses();
  const armOf = (cluster: string) =>
    cluster === "s0.v1" ? { service: "s0", version: "v1" } : undefined;
  const clusters = new ClusterCounts({ ledger, witnesses, armOf });
  const loads = new LoadCounts({ ledger, witnesses, armOf });
  const metrics = (total: number, failed: number | undefined, node = "edge-1") => {
    const counter = (what: string, value: number) =>
      ({ name: `cluster.s0.v1.${what}`, kind: "counter", value }) as const;
    const failures = failed === undefined ? [] : [counter("upstream_rq_5xx", failed)];
    const samples = [
      counter("upstream_rq_total", total),
      counter("upstream_rq_completed", total),
      ...failures,
    ];
    clusters.observe(node, { samples, histograms: [] });
  };
  const report = (issued: number, node = "edge-1") =>
    loads.observe(node, {
      loads: [
        {
          ...{ cluster: "s0.v1", region: "eu", zone: "a", issued },
          ...{ succeeded: issued, failed: 0, inflight: 0 },
        },
      ],
    });
  const tick = (seconds = 1) => {
    for (let i = 0; i < seconds; i++) {
      ledger.setDisagreements(witnesses.disagreements());
      ledger.advance(ledger.tick + 1);
    }
  };
  const ask = (text: string) => {
    const compiled = compile(text, "when");
    if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
    const evidence = ledger.evidence();
    const ground = { policySet: SET, evidence, tick: ledger.tick, before: EMPTY_STATE };
    return check(compiled.expression, ground);
  };
  const burn = () => burnOf(SLO, balanceOf(SLO, ledger.evidence(), 10));
  return { ledger, metrics, report, tick, ask, burn };
}

const WHEN = 'burn("s0-availability", "1m") > 14.4';

describe("telemetry that lies, is late, missing, told twice, reset, from the future or a flood", () => {
  it("missing for 16 s: the condition is unknown, neither true nor false, and says what is", () => {
    const { metrics, tick, ask } = rig();
    for (let second = 1; second <= 20; second++) {
      metrics(second * 100, second * 10);
      tick();
    }
    assert.equal(ask(WHEN).value, true);
    tick(16);
    const { value, unknown } = ask(WHEN);
    assert.equal(value, undefined);
    assert.match(unknown.join(), /burn\("s0-availability", "1m"\)/);
  });

  it("a counter of errors that starts anew with our own push, 10 times over: the rate is 10 % or unknown, never better", () => {
    const { ledger, metrics, tick, burn } = rig();
    let failed = 0;
    for (let second = 1; second <= 100; second++) {
      const isPush = second % 10 === 5;
      failed = isPush ? 3 : failed + 10;
      // What Envoy does: the errors are gone, then count again; the requests run on.
      if (isPush) ledger.voidService("s0", 2);
      metrics(second * 100, isPush ? undefined : failed);
      tick();
      const now = burn();
      if (second > 2 && now !== undefined) assert.ok(Math.abs(now - 100) < 1, `${second}: ${now}`);
    }
  });

  it("the same report told five times in a second counts once", () => {
    const { ledger, metrics, tick } = rig();
    for (let second = 1; second <= 10; second++) {
      for (let again = 0; again < 5; again++) metrics(second * 100, second);
      tick();
    }
    assert.equal(ledger.evidence().countsOf({ service: "s0" }, 9).requests, 900);
  });

  it("a process that began anew: its first second is void, and no count is below 0", () => {
    const { ledger, metrics, tick } = rig();
    for (const total of [1000, 1100, 40, 140]) {
      metrics(total, total / 10);
      tick();
    }
    const { requests, errors, voidSeconds } = ledger.evidence().countsOf({ service: "s0" }, 60);
    assert.deepEqual([requests, errors, voidSeconds], [200, 20, 1]);
  });

  it("counters of NaN, Infinity, -1 and 10^300 are passed over", () => {
    const { ledger, metrics, tick } = rig();
    metrics(100, 1);
    tick();
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) metrics(wrong, wrong);
    metrics(200, 2);
    tick();
    const { requests, errors } = ledger.evidence().countsOf({ service: "s0" }, 60);
    assert.deepEqual([requests, errors], [100, 1]);
  });

  it("an Envoy whose counters claim 100 times its load: said by name, and the condition is unknown, not true", () => {
    const { ledger, metrics, report, tick, ask } = rig();
    for (let second = 1; second <= 90; second++) {
      metrics(second * 10_000, second * 5000);
      report(100);
      tick();
    }
    assert.match(
      ledger.evidence().disagreements[0]?.what ?? "",
      /^edge-1 counts 150000 requests to s0/,
    );
    assert.equal(ask(WHEN).value, undefined);
    const disagreement = ask('disagreement("s0") > 0.9');
    assert.equal(disagreement.value, true, disagreement.unknown.join());
  });

  it("a load report told twice doubles its account: said, and left out", () => {
    const { ledger, metrics, report, tick } = rig();
    for (let second = 1; second <= 60; second++) {
      metrics(second * 100, 0);
      report(100);
      report(100);
      tick();
    }
    assert.equal(ledger.evidence().disagreements.length, 1);
    assert.equal(ledger.evidence().countsOf({ service: "s0", locality: "eu/a" }, 10).requests, 0);
  });

  it("a signal that is blind or late makes a condition on its values unknown", () => {
    const { ledger, tick, ask } = rig();
    ledger.signals.declare("db.latency.p95", 10);
    ledger.signals.add("db.latency.p95", START, 9);
    tick(5);
    const when = 'pAbove("db.latency.p95", 0.1, "30s") > 0.7';
    assert.equal(ask(when).value, true);
    tick(10);
    assert.equal(ask(when).value, undefined, "late");
    tick(20);
    assert.equal(ask(when).value, undefined, "blind");
    assert.equal(ask('age("db.latency.p95") > duration("30s")').value, true);
  });

  it("a flood of 40,000 names of signals takes 32,768 places and no more", () => {
    const { ledger } = rig();
    let taken = 0;
    for (let i = 0; i < 40_000; i++) if (ledger.signals.add(`s.${i}`, START, 1)) taken += 1;
    assert.equal(taken, 32_768);
  });

  it("a flood of 5,000 Envoys is counted, and 2,048 of them remembered", () => {
    const { ledger, metrics, tick } = rig();
    for (let i = 0; i < 5000; i++) metrics(100, 1, `edge-${i}`);
    tick();
    assert.equal(ledger.evidence().services.length, 1);
  });
});
