import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { Order } from "./order.ts";
import type { holding } from "./overrides.ts";
import type { EngineState } from "./state.ts";

/** What the engine is told each second. */
export interface TickInput {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  /** Second of Unix time. */
  readonly tick: number;
  /** Since the tick before, oldest first. */
  readonly orders: readonly Order[];
  /** Ids of the Envoys that count requests of a service; undefined: of all Envoys. */
  readonly nodesOf?: (service: string | undefined) => readonly string[];
  /** Share of the Envoys that refuse something they were sent; absent: none does. */
  readonly refusedRatio?: number;
}

/** The same with what was, and what people hold: all that one tick reads. */
export interface Basis extends TickInput {
  readonly before: EngineState;
  readonly held: ReturnType<typeof holding>;
  readonly isFrozen: boolean;
}
