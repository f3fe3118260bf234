import type { AccessSample } from "./access-samples.ts";

/** The newest sampled requests, for someone who watches; the older ones make room. */
export interface RecentRequest extends Pick<AccessSample, "cluster" | "status" | "ms"> {
  /** Rises by one a request. */
  readonly seq: number;
  readonly node: string;
  /** Monotonic; of the report that brought it. */
  readonly atMs: number;
}

const MOST_KEPT = 2000;

export class RecentRequests {
  #seq = 0;
  readonly #kept: RecentRequest[] = [];

  observe(node: string, atMs: number, samples: readonly AccessSample[]): void {
    for (const { cluster, status, ms } of samples) {
      this.#seq += 1;
      this.#kept.push({ seq: this.#seq, node, atMs, cluster, status, ms });
    }
    if (this.#kept.length > MOST_KEPT) this.#kept.splice(0, this.#kept.length - MOST_KEPT);
  }

  /** Of later ones, the oldest first. */
  after(seq: number, limit: number): readonly RecentRequest[] {
    return this.#kept.filter((each) => each.seq > seq).slice(0, limit);
  }

  /** Of the newest; 0: there was none. */
  get newest(): number {
    return this.#seq;
  }
}
