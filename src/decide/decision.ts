import type { ScopeEvidence } from "../evidence/snapshot.ts";

/** How a scope is doing on one node. `late` and `blind`: reports are missing, which says neither good nor bad. */
export type ScopeState = "healthy" | "saturated" | "late" | "blind";

/** One chosen move: the bounds inside which the filter of `node` may move the limit of `scope`. */
export interface Decision {
  readonly kind: "filter-bounds";
  /** `node.id`. */
  readonly node: string;
  /** Name of the Shedding. */
  readonly scope: string;
  /** Requests in flight. */
  readonly bounds: { readonly min: number; readonly max: number; readonly initial: number };
  readonly state: ScopeState;
  /** What the judgement rests on; absent before the first report of this scope. */
  readonly evidence?: ScopeEvidence;
}
