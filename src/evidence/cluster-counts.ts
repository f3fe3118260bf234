import type { Arm } from "./evidence.ts";
import type { EvidenceLedger, Observation } from "./ledger.ts";
import type { Histogram, Sample } from "./source.ts";

/**
 * Counters of Envoy's clusters, which rise for as long as a process lives, to what came since the report before. Both
 * counts are of answers (`upstream_rq_completed` and `upstream_rq_5xx`, Envoy's own 503 and 504 included), so they go
 * together: a push that changes a cluster's outlier settings starts both anew, and never one against the other. A counter
 * that runs back makes its second void. A report may come in several messages, each with some of the counters. Times are
 * not counters: Envoy's metrics service sends of a histogram what came since the report before.
 */
const COUNTED = { upstream_rq_completed: "requests", upstream_rq_5xx: "errors" } as const;

/** Envoy has it for every cluster from the start: a node that reports it is heard, also without a request. */
const ALIVE = "upstream_rq_total";

/** A node silent for longer is not counted on. */
const GONE_SECONDS = 15;

export interface ClusterReport {
  readonly samples: readonly Sample[];
  readonly histograms: readonly Histogram[];
}

export class ClusterCounts {
  /** By node, by metric. */
  readonly #nodes = new Map<string, Node>();

  constructor(
    private readonly ledger: EvidenceLedger,
    /** Service and version of a cluster; undefined for one that is none. */
    private readonly armOf: (cluster: string) => Arm | undefined,
    /** What else the requests of a service at a node count for: Envoys that are compared. */
    private readonly cohortsOf: (nodeId: string, service: string) => readonly string[] = () => [],
  ) {}

  /** Nodes that report a cluster of the service; of any, if none is named. Sorted. */
  nodesOf(service: string | undefined): readonly string[] {
    return [...this.#nodes]
      .filter(
        ([, { services, heardTick }]) =>
          this.ledger.tick - heardTick <= GONE_SECONDS &&
          (service === undefined || services.has(service)),
      )
      .map(([id]) => id)
      .sort();
  }

  observe(nodeId: string, { samples, histograms }: ClusterReport): void {
    const node = this.#nodes.get(nodeId) ?? new Node(nodeId, this.ledger.tick);
    this.#nodes.set(nodeId, node);
    node.heardTick = this.ledger.tick;
    for (const { name, value } of samples) {
      if (!name.startsWith("cluster.")) continue;
      const dot = name.lastIndexOf(".");
      this.#take(node, name.slice("cluster.".length, dot), name.slice(dot + 1), value);
    }
    for (const { cluster, times } of histograms) this.#takeTimes(node, cluster, times);
  }

  /** Second in which a node last reported; undefined: it never did. */
  heardTick(nodeId: string): number | undefined {
    return this.#nodes.get(nodeId)?.heardTick;
  }

  #count(node: Node, arm: Arm, observation: Observation): void {
    this.ledger.observe(arm, observation);
    for (const cohort of this.cohortsOf(node.id, arm.service)) {
      this.ledger.observe({ service: arm.service, cohort }, observation);
    }
  }

  #take(node: Node, cluster: string, what: string, value: number): void {
    const place = COUNTED[what as keyof typeof COUNTED];
    if (place === undefined && what !== ALIVE) return;
    const arm = this.armOf(cluster);
    if (arm === undefined) return;
    node.services.add(arm.service);
    if (place === undefined) {
      this.#count(node, arm, { requests: 0, errors: 0 });
      return;
    }
    const [rise] = node.risesOf(`${cluster} ${what}`, [value], this.ledger.tick) ?? [];
    if (rise === undefined) this.ledger.voidService(arm.service);
    else this.#count(node, arm, { requests: 0, errors: 0, [place]: rise });
  }

  #takeTimes(node: Node, cluster: string, times: readonly number[]): void {
    const arm = this.armOf(cluster);
    if (arm === undefined) return;
    const [timed = 0, ...slow] = times;
    this.#count(node, arm, { requests: 0, errors: 0, timed, slow });
  }
}

/** What one Envoy said last. */
class Node {
  readonly #values = new Map<string, readonly number[]>();

  readonly services = new Set<string>();
  heardTick = 0;

  constructor(
    readonly id: string,
    private readonly sinceTick: number,
  ) {}

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
