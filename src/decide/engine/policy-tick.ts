import type { Expression } from "../../policy/expression.ts";
import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Verify } from "../../policy/intent/policy.ts";
import type { ActionInForce, MeshMove } from "../act/action.ts";
import type { MovesOf } from "../act/effective.ts";
import type { GuardVerdict } from "../record.ts";
import type { Strain } from "./breaker.ts";
import type { Checked } from "./condition.ts";
import type { Locals } from "./conditions.ts";
import type { News } from "./news.ts";
import type { Order } from "./order.ts";
import type { PolicyState } from "./policy-state.ts";
import type { Problem } from "./problem.ts";
import type { ShiftPlan } from "./shift-plan.ts";
import type { Weigher, Weighing } from "./weigh.ts";

/** What the machine of one Policy is told each second, and what it answers. */
export interface PolicyTick {
  readonly tick: number;
  readonly check: (condition: Expression, locals?: Locals) => Checked;
  /** Value of what is verified now, on the Envoys of an action or all, smaller is better; undefined: unknown. */
  readonly measure: (verify: Verify, treatedBy?: ActionInForce) => number | undefined;
  /** Of the last second: bad requests of the Envoys an action holds on, and of the others; undefined: not known. */
  readonly compare: (verify: Verify, action: ActionInForce) => Compared | undefined;
  /** What a denial in shadow would have refused; undefined: not known. */
  readonly touchedBy: (action: ActionInForce) => Touched | undefined;
  /** Share of the requests that an action is about; undefined: not known. */
  readonly affected: (action: PolicyAction) => number | undefined;
  /** Share of the requests that a denial refuses though they are of somebody else who is known; undefined: not known. */
  readonly goodDenied: (action: ActionInForce) => number | undefined;
  /** Ids of the Envoys that a move is for. */
  readonly nodesOf: (move: MeshMove) => readonly string[];
  /** The same for each of the seconds before, oldest first; those without a value are left out. */
  readonly history: (verify: Verify) => readonly number[];
  /** As it would be taken; undefined: a label of the signal that it names is not there. */
  readonly resolve: (action: PolicyAction) => PolicyAction | undefined;
  /** Where a shift may go; `stepTick`: since when it stands as it does. Undefined: nothing may be concluded. */
  readonly planShift: (move: MovesOf<"shift">, stepTick: number) => ShiftPlan | undefined;
  /** What speaks against an action that is about such a share: guardrails, floors, budgets. Empty or all passed: nothing. */
  readonly guard: (action: PolicyAction, affected: number | undefined) => readonly GuardVerdict[];
  /** What each of the list is worth beside doing nothing; undefined entries cannot be taken. */
  readonly weigh: (
    actions: readonly (PolicyAction | undefined)[],
    by: Pick<Weigher, "measured" | "method" | "claims" | "doubt" | "triedOf">,
  ) => Weighing;
  /** Whether what is verified is really not as wished; undefined: unknown. */
  readonly problem: (verify: Verify, measured: number | undefined) => Problem | undefined;
  /** How what is verified is measured, in words that change when that does. */
  readonly instrument: (verify: Verify) => string | undefined;
  /** A move of the knob is still within its budget; taking it spends it. */
  readonly mayMove: (knob: string, direction: "tighten" | "release") => string | undefined;
  /** Its moves of the hour are all made. */
  readonly isSpent: (knob: string) => boolean;
  readonly orders: readonly Order[];
  /** Why the policy may not act now though it is enforced: frozen, maintenance, blind; undefined: it may. */
  readonly restsBecause: string | undefined;
}

export interface Compared {
  readonly treated: { readonly bad: number; readonly of: number };
  readonly held: { readonly bad: number; readonly of: number };
}

/** Requests that a shadow judged, above 0, and those of them it would have refused. */
export interface Touched {
  readonly refused: number;
  readonly judged: number;
}

export interface PolicyTurn {
  readonly state: PolicyState;
  readonly news: readonly News[];
  /** A rollout to take back. */
  readonly rollback?: string;
  /** It would have acted, and the hour's moves of the knob are spent. */
  readonly isSpent?: boolean;
  /** What befell it, for the breaker of all. */
  readonly strain?: Strain;
  /** Knobs moved this tick. */
  readonly moved: readonly string[];
}
