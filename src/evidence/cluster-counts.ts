import type { Observation } from "./arm-counts.ts";
import type { Arm } from "./evidence.ts";
import type { EvidenceLedger } from "./ledger.ts";
import { RecentMap } from "./recent-map.ts";
import type { Histogram, Sample } from "./source.ts";
import type { Witnesses } from "./witnesses.ts";

/**
 * Counters of Envoy's clusters, which rise for as long as a process lives, to what came since the report before. Both
 * counts are of answers (`upstream_rq_completed` and `upstream_rq_5xx`, Envoy's own 503 and 504 included), so they go
 * together: a push that changes a cluster's outlier settings starts both anew, and never one against the other. A counter
 * that runs back makes its second void. A report may come in several messages, each with some of the counters. Times are
 * not counters: Envoy's metrics service sends of a histogram what came since the report before.
 */
const COUNTED = { upstream_rq_completed: "requests", upstream_rq_5xx: "errors" } as const;

/** Of every try. Envoy has it for every cluster from the start: a node that reports it is heard, also without a request. */
const TRIED = "upstream_rq_total";

const MAX_NODES = 2048;

/** A node silent for longer is not counted on. */
const GONE_SECONDS = 15;

export interface ClusterReport {
  readonly samples: readonly Sample[];
  readonly histograms: readonly Histogram[];
}

export interface ClusterCountsOptions {
  readonly ledger: EvidenceLedger;
  readonly witnesses: Witnesses;
  /** Service and version of a cluster; undefined for one that is none. */
  readonly armOf: (cluster: string) => Arm | undefined;
  /** What else the requests of a service at a node count for: Envoys that are compared. */
  readonly cohortsOf?: (nodeId: string, service: string) => readonly string[];
}

export class ClusterCounts {
  /** By node, by metric. */
  readonly #nodes = new RecentMap<Node>(MAX_NODES, () => new Node(this.options.ledger.tick));

  constructor(private readonly options: ClusterCountsOptions) {}

  /** Nodes that report a cluster of the service; of any, if none is named. Sorted. */
  nodesOf(service: string | undefined): readonly string[] {
    const { tick } = this.options.ledger;
    return this.#nodes
      .sorted()
      .filter(
        ([, { services, heardTick }]) =>
          tick - heardTick <= GONE_SECONDS && (service === undefined || services.has(service)),
      )
      .map(([id]) => id);
  }

  observe(nodeId: string, { samples, histograms }: ClusterReport): void {
    const { ledger, witnesses } = this.options;
    const node = this.#nodes.of(nodeId);
    node.heardTick = ledger.tick;
    witnesses.hear(nodeId, "metrics", ledger.tick);
    for (const { name, value } of samples) {
      if (!name.startsWith("cluster.")) continue;
      const dot = name.lastIndexOf(".");
      const cluster = name.slice("cluster.".length, dot);
      const arm = this.options.armOf(cluster);
      if (arm === undefined || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) continue;
      const what = name.slice(dot + 1);
      if (what !== TRIED && !Object.hasOwn(COUNTED, what)) continue;
      node.services.add(arm.service);
      const [rise] = node.risesOf(`${cluster} ${what}`, [value], ledger.tick) ?? [];
      if (what === TRIED) this.#takeTried(nodeId, arm, rise ?? 0);
      else if (rise !== undefined) {
        const place = COUNTED[what as keyof typeof COUNTED];
        this.#count(nodeId, arm, { requests: 0, errors: 0, [place]: rise });
      } else if (witnesses.isTrusted(nodeId)) ledger.voidService(arm.service);
    }
    for (const { cluster, times } of histograms) {
      const arm = this.options.armOf(cluster);
      if (arm === undefined) continue;
      const [timed = 0, ...slow] = times;
      this.#count(nodeId, arm, { requests: 0, errors: 0, timed, slow });
    }
  }

  /** Second in which a node last reported; undefined: it never did. */
  heardTick(nodeId: string): number | undefined {
    return this.#nodes.get(nodeId)?.heardTick;
  }

  #count(nodeId: string, arm: Arm, observation: Observation): void {
    const { ledger, witnesses, cohortsOf } = this.options;
    if (!witnesses.isTrusted(nodeId)) return;
    ledger.observe(arm, observation);
    for (const cohort of cohortsOf?.(nodeId, arm.service) ?? []) {
      ledger.observe({ service: arm.service, cohort }, observation);
    }
  }

  #takeTried(nodeId: string, arm: Arm, tried: number): void {
    const { ledger, witnesses } = this.options;
    const { service } = arm;
    witnesses.count(nodeId, "metrics", service, tried);
    ledger.observe({ service, source: "metrics" }, { requests: tried, errors: 0 });
    this.#count(nodeId, arm, { requests: 0, errors: 0 });
  }
}

/** What one Envoy said last. */
class Node {
  readonly #values = new Map<string, readonly number[]>();

  readonly services = new Set<string>();
  heardTick = 0;

  constructor(private readonly sinceTick: number) {}

  /**
   * Undefined: something ran back. What a first report counts may be days old, so it rises by nothing; a counter that
   * appears later rose from 0, since Envoy leaves one out until it first rises.
   */
  risesOf(key: string, values: readonly number[], tick: number): readonly number[] | undefined {
    const isFirstReport = tick <= this.sinceTick + 1;
    const before = this.#values.get(key) ?? (isFirstReport ? values : values.map(() => 0));
    this.#values.set(key, values);
    const rises = values.map((value, i) => value - (before[i] ?? 0));
    return rises.some((rise) => rise < 0) ? undefined : rises;
  }
}
