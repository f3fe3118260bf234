import type { NodeEvidence, ScopeEvidence } from "../evidence/snapshot.ts";
import type { Shedding } from "../policy/intent/shedding.ts";
import { judgeScope, type ScopeState } from "./scope-state.ts";

/**
 * Within which bounds one Envoy's filter may look for the concurrency limit of one Shedding. They are those of the set it is
 * made for, the intent with the actions in force laid over it, whatever the evidence. The state says how things stand.
 */
export interface FilterBoundsDecision {
  readonly kind: "filter-bounds";
  /** Logical time it was made at. */
  readonly tick: number;
  /** `node.id` of the Envoy. */
  readonly node: string;
  /** Name of the Shedding. */
  readonly scope: string;
  /** Requests in flight in that Envoy: 1 <= min <= initial <= max. */
  readonly bounds: { readonly min: number; readonly max: number; readonly initial: number };
  readonly state: ScopeState;
  /** What was seen, a phrase without a full stop. */
  readonly reason: string;
  readonly evidence: {
    /** Since the Envoy's last report, ms, >= 0. */
    readonly ageMs: number;
    /** What rates look back over, ms, >= 0; 0: no rate is known. */
    readonly windowMs: number;
    /** Absent before the scope's first request. */
    readonly scope?: ScopeEvidence;
  };
}

export function decideFilterBounds(
  shedding: Shedding,
  node: NodeEvidence,
  tick: number,
): FilterBoundsDecision {
  const scope = node.scopes.find((each) => each.scope === shedding.name);
  const { min, max, initial } = shedding.limit;
  return {
    kind: "filter-bounds",
    tick,
    node: node.node,
    scope: shedding.name,
    bounds: { min, max, initial },
    ...judgeScope(node, scope),
    evidence: {
      ageMs: node.ageMs,
      windowMs: node.windowMs,
      ...(scope !== undefined && { scope }),
    },
  };
}
