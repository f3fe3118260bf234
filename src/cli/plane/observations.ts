import type { ActionInForce } from "../../decide/act/action.ts";
import { AccessCounts, type SampledService } from "../../evidence/access-counts.ts";
import { type AccessSample, AccessSamples } from "../../evidence/access-samples.ts";
import { ClusterCounts } from "../../evidence/cluster-counts.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { traceIdOf } from "../../evidence/failed-requests.ts";
import { EvidenceLedger, type LedgerEvent } from "../../evidence/ledger.ts";
import { LoadCounts } from "../../evidence/load-counts.ts";
import { type LoadReport, LoadReports } from "../../evidence/load-reports.ts";
import { RecentRequests } from "../../evidence/recent-requests.ts";
import { ShadowCounts } from "../../evidence/shadow-counts.ts";
import { ShedSamples } from "../../evidence/shed-samples.ts";
import type { EvidenceSnapshot } from "../../evidence/snapshot.ts";
import type { Histogram, Sample } from "../../evidence/source.ts";
import { EvidenceStore } from "../../evidence/store.ts";
import { Witnesses } from "../../evidence/witnesses.ts";
import { nowMs } from "./clock.ts";

/** Where what Envoys report goes: what each last said, for people; and counts by arm, for the engine. */
export interface ObservationsOptions {
  readonly serviceOf: (cluster: string) => SampledService | undefined;
  /** Of a route that leads to one service only. */
  readonly serviceOfRoute: (route: string) => SampledService | undefined;
  readonly actions: () => readonly ActionInForce[];
  /** What else the requests of a service at a node count for. */
  readonly cohortsOf: (nodeId: string, service: string) => readonly string[];
  /** Denials in shadow, and under which name each is counted. */
  readonly shadows: () => ReadonlyMap<string, string>;
  /** Told of all that makes up the engine's evidence. */
  readonly tap?: (event: LedgerEvent) => void;
}

/** Envoys take a push within seconds; one that comes later is one that was gone. */
const OWN_PUSH_MS = 60_000;
/** The counts of the second of the push are reported in the next, which may itself be late. */
const VOID_SECONDS = 2;

export class Observations {
  readonly filters = new EvidenceStore();
  readonly ledger: EvidenceLedger;
  readonly loads = new LoadReports();
  readonly accesses = new AccessSamples();
  readonly #witnesses = new Witnesses();
  readonly counts: ClusterCounts;
  readonly #localities: LoadCounts;
  readonly #samples: AccessCounts;
  /** When its clusters were last changed by us, by service. */
  readonly #changedMs = new Map<string, number>();
  readonly requests = new RecentRequests();
  readonly #shadows: ShadowCounts;
  readonly #sheds: ShedSamples;

  constructor(private readonly options: ObservationsOptions) {
    const ledger = new EvidenceLedger(options.tap);
    const armOf = (cluster: string) => options.serviceOf(cluster)?.arm;
    const counting = { ledger, witnesses: this.#witnesses, armOf };
    this.ledger = ledger;
    this.counts = new ClusterCounts({ ...counting, cohortsOf: options.cohortsOf });
    this.#shadows = new ShadowCounts(ledger, options.shadows);
    this.#localities = new LoadCounts(counting);
    this.#samples = new AccessCounts(ledger, options.serviceOf);
    this.#sheds = new ShedSamples(options.serviceOfRoute);
  }

  readonly metrics = {
    observe: (
      node: string,
      atMs: number,
      samples: readonly Sample[],
      histograms: readonly Histogram[],
    ): void => {
      this.filters.observe(node, atMs, samples);
      this.counts.observe(node, { samples, histograms });
      this.#shadows.observe(node, samples);
    },
  };

  readonly loadSink = {
    observe: (node: string, atMs: number, report: LoadReport): void => {
      this.loads.observe(node, atMs, report);
      this.#localities.observe(node, report);
    },
  };

  readonly accessSink = {
    observe: (node: string, atMs: number, samples: readonly AccessSample[]): void => {
      this.accesses.observe(node, atMs, samples);
      this.requests.observe(node, atMs, samples);
      this.#samples.observe(samples);
      this.#sheds.observe(secondOf(atMs), samples);
    },
  };

  readonly noteFailed = (node: string, samples: readonly AccessSample[]): void => {
    for (const { cluster, tier, status, ms, endpoint, headers, requestId } of samples) {
      const found = this.options.serviceOf(cluster);
      if (found === undefined) continue;
      const { service, version = "" } = found.arm;
      const traceId = traceIdOf(headers.traceparent);
      const tenant = found.tenantHeader && headers[found.tenantHeader];
      this.ledger.noteFailed({
        ...{ service, version, node, status, ms, endpoint, requestId },
        ...(tier !== undefined && { tier }),
        ...(tenant !== undefined && { tenant }),
        ...(traceId !== undefined && { traceId }),
        decisions: this.options.actions().flatMap((action) => decisionOn(service, action)),
      });
    }
  };

  /** Our own push is about to change their clusters. */
  readonly clustersChange = (services: readonly string[]): void => {
    for (const service of services) this.#changedMs.set(service, nowMs());
    this.noteClusterPush();
  };

  /** An Envoy was sent clusters, or has taken them. */
  noteClusterPush(): void {
    const since = nowMs() - OWN_PUSH_MS;
    for (const [service, changedMs] of this.#changedMs) {
      if (changedMs < since) this.#changedMs.delete(service);
      else this.ledger.voidService(service, VOID_SECONDS);
    }
  }

  /** Requests a second that filters shed, by tenant of a service. */
  readonly shedRates = (service: string): ReadonlyMap<string, number> =>
    this.#sheds.rates(service, secondOf(nowMs()));

  /** What the filters of all Envoys say now. */
  snapshot(): EvidenceSnapshot {
    return this.filters.snapshot(nowMs());
  }

  /** Of complete seconds before a tick. */
  before(tick: number): Evidence {
    this.ledger.setDisagreements(this.#witnesses.disagreements());
    this.ledger.advance(tick);
    return this.ledger.evidence();
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

function decisionOn(service: string, { id, move }: ActionInForce): string[] {
  return "service" in move && move.service === service ? [id] : [];
}
