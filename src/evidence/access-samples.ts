import { RecentMap } from "./recent-map.ts";

/**
 * Times of sampled requests by cluster, from access logs: what a mean hides. A histogram of buckets 10 % apart holds the
 * present half minute and the one before, so a quantile looks back 30 to 60 s. Silence means little traffic as
 * often as it means a fault: a sample is one request of a hundred. Memory is of fixed bounds; time comes with every call.
 */
export interface AccessSample {
  /** Empty: Envoy answered by itself. */
  readonly cluster: string;
  /** HTTP status; 0: none was sent. */
  readonly status: number;
  /** From the first byte of the request to the last of the answer. */
  readonly ms: number;
  /** `host:port` of who answered; empty: nobody was reached. */
  readonly endpoint: string;
  /** Times it was tried there; 0: not known. */
  readonly tries: number;
  /** Of the request, in lower case: those the listeners log. */
  readonly headers: Readonly<Record<string, string>>;
  /** As the filter stamped it; absent: no Shedding holds the request. */
  readonly tier?: string;
  /** `x-request-id`; empty: it had none. */
  readonly requestId: string;
  /** Value of `xds.route_name`; absent: no route held the request. */
  readonly route?: string;
  /** A filter refused it for the load. */
  readonly isShed?: true;
}

export interface ClusterAccess {
  readonly cluster: string;
  /** Samples since the node is known, and those of status 5xx or none among them. */
  readonly sampled: number;
  readonly failed: number;
  /** Of the last 30 to 60 s, within 10 %; absent without a sample in them. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface NodeAccess {
  readonly node: string;
  /** Since its last sample. */
  readonly ageMs: number;
  /** By cluster. */
  readonly clusters: readonly ClusterAccess[];
}

const MAX_NODES = 2048;
const MAX_CLUSTERS = 256;

/** A longer name is not worth its memory; the intent knows none. */
const MAX_NAME_LENGTH = 256;
const HALF_MS = 30_000;
const FORGET_MS = 15 * 60_000;

/** 0.1 ms to about 20 minutes. */
const LEAST_MS = 0.1;
const RATIO = 1.1;
const BUCKETS = 172;

interface NodeEntry {
  lastMs: number;
  readonly clusters: RecentMap<ClusterTimes>;
}

export class AccessSamples {
  readonly #nodes = new RecentMap<NodeEntry>(MAX_NODES, () => ({
    lastMs: 0,
    clusters: new RecentMap(MAX_CLUSTERS, () => new ClusterTimes()),
  }));

  observe(
    node: string,
    nowMs: number,
    samples: readonly Pick<AccessSample, "cluster" | "status" | "ms">[],
  ): void {
    const entry = this.#nodes.of(node);
    entry.lastMs = nowMs;
    for (const sample of samples) {
      if (sample.cluster.length > MAX_NAME_LENGTH) continue;
      entry.clusters.of(sample.cluster).add(nowMs, sample);
    }
  }

  snapshot(nowMs: number): NodeAccess[] {
    const nodes: NodeAccess[] = [];
    for (const [node, { lastMs, clusters }] of this.#nodes.sorted()) {
      const ageMs = Math.max(0, nowMs - lastMs);
      if (ageMs > FORGET_MS) this.#nodes.delete(node);
      else
        nodes.push({
          node,
          ageMs,
          clusters: clusters
            .sorted()
            .map(([cluster, times]) => ({ cluster, ...times.read(nowMs) })),
        });
    }
    return nodes;
  }
}

class ClusterTimes {
  #sampled = 0;
  #failed = 0;
  #half = 0;
  #now = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);

  add(nowMs: number, { status, ms }: Pick<AccessSample, "status" | "ms">): void {
    this.#turn(nowMs);
    this.#sampled += 1;
    if (status === 0 || status >= 500) this.#failed += 1;
    const at = bucketOf(ms);
    this.#now[at] = (this.#now[at] ?? 0) + 1;
  }

  read(nowMs: number): Omit<ClusterAccess, "cluster"> {
    this.#turn(nowMs);
    const counts = this.#now.map((count, at) => count + (this.#before[at] ?? 0));
    const [p50Ms, p99Ms] = [quantile(counts, 0.5), quantile(counts, 0.99)];
    return {
      sampled: this.#sampled,
      failed: this.#failed,
      ...(p50Ms !== undefined && { p50Ms }),
      ...(p99Ms !== undefined && { p99Ms }),
    };
  }

  #turn(nowMs: number): void {
    const half = Math.floor(nowMs / HALF_MS);
    if (half <= this.#half) return;
    this.#before = half === this.#half + 1 ? this.#now : new Uint32Array(BUCKETS);
    this.#now = new Uint32Array(BUCKETS);
    this.#half = half;
  }
}

function bucketOf(ms: number): number {
  if (!(ms > LEAST_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / LEAST_MS) / Math.log(RATIO)));
}

/** Upper edge of its bucket. */
function quantile(counts: Uint32Array, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [at, count] of counts.entries()) {
    seen += count;
    if (total > 0 && seen >= share * total) return Number((LEAST_MS * RATIO ** at).toFixed(1));
  }
  return undefined;
}
