import { ANY_SERVICE } from "./evidence.ts";
import type { EvidenceLedger } from "./ledger.ts";
import type { Sample } from "./source.ts";

/**
 * What denials in shadow would have refused, of all requests they have judged: Envoy's RBAC filter counts both, by rule and
 * as a whole, at every listener. Counters that run back, or that a node had before it was first heard, rise by nothing.
 */
const NAME = /^http\..+\.rbac\.(?:policy\.(?<id>.+)\.)?shadow_(?<what>denied|allowed)$/;

export class ShadowCounts {
  /** By node, by metric. */
  readonly #nodes = new Map<string, Map<string, number>>();

  constructor(
    private readonly ledger: EvidenceLedger,
    /** Name under which the counts of a rule are kept; undefined: it is of no interest. */
    private readonly cohorts: () => ReadonlyMap<string, string>,
  ) {}

  observe(nodeId: string, samples: readonly Sample[]): void {
    const cohorts = this.cohorts();
    if (cohorts.size === 0) {
      this.#nodes.delete(nodeId);
      return;
    }
    const known = this.#nodes.get(nodeId);
    const values = known ?? new Map<string, number>();
    this.#nodes.set(nodeId, values);
    let judged = 0;
    const denied = new Map<string, number>();
    for (const { name, value } of samples) {
      const parts = NAME.exec(name)?.groups;
      if (parts === undefined) continue;
      const before = values.get(name) ?? (known === undefined ? value : 0);
      values.set(name, value);
      const rise = Math.max(0, value - before);
      if (parts.id === undefined) judged += rise;
      else denied.set(parts.id, (denied.get(parts.id) ?? 0) + rise);
    }
    for (const [id, cohort] of cohorts) {
      const errors = denied.get(id) ?? 0;
      this.ledger.observe({ service: ANY_SERVICE, cohort }, { requests: judged, errors });
    }
  }
}
