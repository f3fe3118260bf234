import { AccessSamples } from "../../evidence/access-samples.ts";
import { ClusterCounts } from "../../evidence/cluster-counts.ts";
import type { Arm, Evidence } from "../../evidence/evidence.ts";
import { EvidenceLedger } from "../../evidence/ledger.ts";
import { LoadReports } from "../../evidence/load-reports.ts";
import { RecentRequests } from "../../evidence/recent-requests.ts";
import type { EvidenceSnapshot } from "../../evidence/snapshot.ts";
import { EvidenceStore } from "../../evidence/store.ts";
import type { AccessLogServiceOptions } from "../../telemetry/access-log-service.ts";
import type { MetricsServiceOptions } from "../../telemetry/metrics-service.ts";
import { nowMs } from "./clock.ts";

/** All that is kept of what Envoys and outside systems report; whoever reports writes into it here. */
export class Observations {
  readonly filters = new EvidenceStore();
  readonly ledger = new EvidenceLedger();
  readonly loads = new LoadReports();
  readonly accesses = new AccessSamples();
  readonly requests = new RecentRequests();
  readonly #counts: ClusterCounts;

  constructor(armOf: (cluster: string) => Arm | undefined) {
    this.#counts = new ClusterCounts(this.ledger, armOf);
  }

  /** Of Envoy's metrics service. */
  readonly metrics: MetricsServiceOptions["sink"] = {
    observe: (node, atMs, samples, histograms) => {
      this.filters.observe(node, atMs, samples);
      this.#counts.observe(node, { samples, histograms });
    },
  };

  /** Of Envoy's access log service. */
  readonly accessLog: AccessLogServiceOptions["sink"] = {
    observe: (node, atMs, samples) => {
      this.accesses.observe(node, atMs, samples);
      this.requests.observe(node, atMs, samples);
    },
  };

  /** What the filters of all Envoys say now. */
  snapshot(): EvidenceSnapshot {
    return this.filters.snapshot(nowMs());
  }

  /** Of complete seconds before a tick. */
  before(tick: number): Evidence {
    this.ledger.advance(tick);
    return this.ledger.evidence();
  }
}
