import type { Arm } from "./evidence.ts";
import type { EvidenceLedger } from "./ledger.ts";
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
  ) {}

  observe(nodeId: string, { samples, histograms }: ClusterReport): void {
    const node = this.#nodes.get(nodeId) ?? new Node(this.ledger.tick);
    this.#nodes.set(nodeId, node);
    for (const { name, value } of samples) {
      if (!name.startsWith("cluster.")) continue;
      const dot = name.lastIndexOf(".");
      this.#take(node, name.slice("cluster.".length, dot), name.slice(dot + 1), value);
    }
    for (const { cluster, times } of histograms) this.#takeTimes(cluster, times);
  }

  #take(node: Node, cluster: string, what: string, value: number): void {
    const place = COUNTED[what as keyof typeof COUNTED];
    if (place === undefined && what !== ALIVE) return;
    const arm = this.armOf(cluster);
    if (arm === undefined) return;
    if (place === undefined) {
      this.ledger.observe(arm, { requests: 0, errors: 0 });
      return;
    }
    const [rise] = node.risesOf(`${cluster} ${what}`, [value], this.ledger.tick) ?? [];
    if (rise === undefined) this.ledger.voidService(arm.service);
    else this.ledger.observe(arm, { requests: 0, errors: 0, [place]: rise });
  }

  #takeTimes(cluster: string, times: readonly number[]): void {
    const arm = this.armOf(cluster);
    if (arm === undefined) return;
    const [timed = 0, ...slow] = times;
    this.ledger.observe(arm, { requests: 0, errors: 0, timed, slow });
  }
}

/** What one Envoy said last. */
class Node {
  readonly #values = new Map<string, readonly number[]>();

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
