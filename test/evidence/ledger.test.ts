import assert from "node:assert/strict";
import { ClusterCounts } from "../../src/evidence/cluster-counts.ts";
import { OTHERS, SLOW_MS } from "../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { Witnesses } from "../../src/evidence/witnesses.ts";

const ARM = { service: "checkout", version: "v1" };
const START = 1_800_000_000;

function rig() {
  const ledger = new EvidenceLedger();
  ledger.advance(START);
  const armOf = (cluster: string) => {
    const [service = "", version] = cluster.split(".");
    return service === "checkout" && version !== undefined ? { service, version } : undefined;
  };
  const counts = new ClusterCounts({ ledger, witnesses: new Witnesses(), armOf });
  /** One report of a node, and the second after it. */
  const report = (completed: number, failed: number, node = "edge-1") => {
    const name = (what: string) => `cluster.checkout.v1.${what}`;
    counts.observe(node, {
      samples: [
        { name: name("upstream_rq_total"), kind: "counter", value: completed },
        { name: name("upstream_rq_completed"), kind: "counter", value: completed },
        { name: name("upstream_rq_5xx"), kind: "counter", value: failed },
      ],
      histograms: [],
    });
    ledger.advance(ledger.tick + 1);
  };
  return { ledger, counts, report };
}

describe("counts of a service", () => {
  it("are 30 requests and 3 errors over 3 reports of 10 and 1, and nothing for the first, which may be days old", () => {
    const { ledger, report } = rig();
    for (const step of [100, 101, 102, 103]) report(step * 10, step);
    const { requests, errors, seconds, voidSeconds } = ledger.evidence().countsOf(ARM, 60);
    assert.deepEqual([requests, errors, seconds, voidSeconds], [30, 3, 4, 0]);
  });

  it("are void for the second in which a counter ran back, and right again after it", () => {
    const { ledger, report } = rig();
    report(1000, 100);
    report(1010, 101);
    report(5, 0);
    report(15, 1);
    const { requests, errors, seconds, voidSeconds } = ledger.evidence().countsOf(ARM, 60);
    assert.deepEqual([requests, errors, seconds, voidSeconds], [20, 2, 3, 1]);
  });

  it("never show an improvement when only the errors are counted anew, as a changed cluster does", () => {
    const { ledger, report } = rig();
    let failed = 0;
    for (let second = 1; second <= 20; second++) {
      // The push falls into the tenth second.
      failed = second === 10 ? 0 : failed + 10;
      report(second * 100, failed);
      const { requests, errors } = ledger.evidence().countsOf(ARM, 1);
      if (requests > 0) assert.equal(errors / requests, 0.1, `second ${second}`);
    }
  });

  it("add up over 2 Envoys, and over 2 versions to their service", () => {
    const { ledger, counts, report } = rig();
    report(10, 1, "edge-1");
    report(10, 1, "edge-2");
    report(30, 3, "edge-1");
    report(20, 2, "edge-2");
    ledger.observe({ service: "checkout", version: "v2" }, { requests: 5, errors: 0 });
    ledger.advance(ledger.tick + 1);
    const evidence = ledger.evidence();
    assert.equal(evidence.countsOf(ARM, 60).requests, 30);
    assert.equal(evidence.countsOf({ service: "checkout" }, 60).requests, 35);
    assert.deepEqual(evidence.partsOf("checkout", "version"), ["v1", "v2"]);
    void counts;
  });

  it("of a second that was shown never change, whatever comes later", () => {
    const { ledger } = rig();
    ledger.observe(ARM, { requests: 7, errors: 1 });
    ledger.advance(START + 1);
    const shown = ledger.evidence().countsOf(ARM, 1);
    ledger.observe(ARM, { requests: 100, errors: 100 });
    assert.deepEqual(ledger.evidence().countsOf(ARM, 1), shown);
  });

  it("look back 1 s, 1 min, 1 h, 6 h and 30 days: 1, 60, 3600, 21600 and 100000 of one a second", () => {
    const { ledger } = rig();
    for (let second = 0; second < 100_000; second++) {
      ledger.observe(ARM, { requests: 1, errors: 0 });
      ledger.advance(START + second + 1);
    }
    const evidence = ledger.evidence();
    const windows = [1, 60, 3600, 21_600, 30 * 86_400];
    const found = windows.map((seconds) => evidence.countsOf(ARM, seconds).requests);
    const off = found.map((count, at) => Math.abs(count - Math.min(windows[at]!, 100_000)));
    // A window is whole slots of its ring: at most one slot more.
    assert.deepEqual(
      off.map((by, at) => by <= [0, 0, 60, 60, 3600][at]!),
      [true, true, true, true, true],
      found.join(", "),
    );
  });

  it("are ok for 5 s of silence, late for 15, then blind; a service never heard of is blind", () => {
    const { ledger, report } = rig();
    report(1, 0);
    const states = [0, 4, 5, 14, 15].map((silence) => {
      ledger.advance(START + 1 + silence);
      return ledger.evidence().stateOf(ARM).state;
    });
    assert.deepEqual(states, ["ok", "ok", "late", "late", "blind"]);
    assert.equal(ledger.evidence().stateOf({ service: "other" }).state, "blind");
  });

  it("keep times by the edges of SLOW_MS as Envoy reports them, by the second: of 5 and 10 requests 1 and 2 above 100 ms", () => {
    const { ledger, counts } = rig();
    const report = (timed: number, above100: number) => {
      const slow = SLOW_MS.map((edge) => (edge <= 100 ? above100 : 0));
      counts.observe("edge-1", {
        samples: [],
        histograms: [{ cluster: "checkout.v1", times: [timed, ...slow] }],
      });
    };
    report(10, 2);
    ledger.advance(START + 1);
    report(5, 1);
    ledger.advance(START + 2);

    const at = (seconds: number) => {
      const { timed, slow } = ledger.evidence().countsOf(ARM, seconds);
      return [timed, slow[SLOW_MS.indexOf(100)], slow[SLOW_MS.indexOf(150)]];
    };
    assert.deepEqual(
      [at(1), at(2)],
      [
        [5, 1, 0],
        [15, 3, 0],
      ],
    );
  });

  it("keep 64 tenants under their names, put 936 more under (others) and count them; a known one keeps its place", () => {
    const { ledger } = rig();
    for (let i = 0; i < 1000; i++) {
      ledger.observe({ service: "s", tenant: `t${i}` }, { requests: 1, errors: 0 });
    }
    ledger.observe({ service: "s", tenant: "t7" }, { requests: 5, errors: 0 });
    ledger.advance(START + 1);
    const evidence = ledger.evidence();
    const requestsOf = (tenant: string) => evidence.countsOf({ service: "s", tenant }, 1).requests;
    assert.equal(evidence.partsOf("s", "tenant").length, 65);
    assert.deepEqual([requestsOf(OTHERS), requestsOf("t7"), requestsOf("t999")], [936, 6, 0]);
    assert.equal(ledger.refused, 936);
  });

  it("give the place of a tenant silent for 10 minutes to a new one", () => {
    const { ledger } = rig();
    for (let i = 0; i < 64; i++) {
      ledger.observe({ service: "s", tenant: `t${i}` }, { requests: 1, errors: 0 });
    }
    ledger.advance(START + 601);
    ledger.observe({ service: "s", tenant: "new" }, { requests: 1, errors: 0 });
    ledger.advance(START + 602);
    assert.equal(ledger.evidence().countsOf({ service: "s", tenant: "new" }, 1).requests, 1);
    assert.equal(ledger.refused, 0);
  });

  it("of 4096 services at most, and 8192 parts of all of them, whatever is invented", () => {
    const { ledger } = rig();
    for (let i = 0; i < 5000; i++) {
      ledger.observe({ service: `s${i}`, version: "v1" }, { requests: 1, errors: 0 });
    }
    for (let i = 0; i < 9000; i++) {
      ledger.observe({ service: `s${i % 200}`, tenant: `t${i}` }, { requests: 1, errors: 0 });
    }
    assert.equal(ledger.evidence().services.length, 4096);
    assert.equal(ledger.refused, 5000 - 4096 + (9000 - 8192));
  });
});
