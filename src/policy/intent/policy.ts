import type { Expression } from "../expression.ts";
import type { PolicyAction } from "./action.ts";
import type { Scope } from "./scope.ts";

export interface Policy {
  readonly name: string;
  readonly owner: string;
  readonly class: PolicyClass;
  /** `canary`: only on `canary.nodesRatio` of the Envoys, by hash of their id. */
  readonly mode: "off" | "shadow" | "canary" | "enforce";
  readonly canary?: { readonly nodesRatio: number; readonly forSeconds: number };
  /** `rules`: no posterior and no utility: `when` alone, then the first action that may be taken. */
  readonly method: "probabilistic" | "rules";
  readonly scope: Scope;
  readonly when: Expression;
  /** Ranked; never empty. */
  readonly then: readonly PolicyAction[];
  readonly guard: PolicyGuard;
  readonly approval?: Approval;
  /** Absent only if every action of `then` merely tells. */
  readonly verify?: Verify;
  readonly revert: {
    /** Undone at once if what is verified gets worse. */
    readonly onHarm: boolean;
    /** Undone, and the next of `then` tried, if nothing has improved by then. */
    readonly onNoEffectSeconds?: number;
    /** Undone then whatever happened; absent: with the condition that asked for it. */
    readonly ttlSeconds?: number;
  };
  /** Runs beside whatever is done. */
  readonly runbook?: string;
  /** P(benefit > 0) that an action needs. */
  readonly confidence: number;
}

export type PolicyClass = "safety" | "security" | "reliability" | "cost" | "experiment";

export interface PolicyGuard {
  readonly minIntervalSeconds: number;
  /** Moves of one knob in a rolling hour, 1..5. */
  readonly budgetPerHour: number;
  /** Share of a tier that stays admitted, by tier. */
  readonly floor: Readonly<Record<string, number>>;
  readonly maxPrincipals?: number;
  /** Share of traffic an action may touch. */
  readonly maxTrafficShare?: number;
  readonly exempt: readonly string[];
  /** Runs as a shadow this long first. */
  readonly shadowFirstSeconds?: number;
}

export interface Approval {
  readonly need: number;
  /** Roles or names. */
  readonly from: readonly string[];
  readonly withinSeconds: number;
  readonly else: "hold" | "deny" | "apply";
  /** Needed only if this holds; absent: always. */
  readonly onlyIf?: Expression;
}

export interface Verify {
  /** Name of an SLO, or of a pushed signal. */
  readonly signal: string;
  readonly improve:
    | { readonly kind: "burnBelow"; readonly burn: number }
    | { readonly kind: "below"; readonly value: number }
    /** Falls by this share of what it was when the action was taken. */
    | { readonly kind: "relative"; readonly ratio: number };
  readonly sustainedSeconds: number;
  readonly withinSeconds: number;
  /** Of the Envoys stays without the action, for comparison: (0, 0.5]; absent: none. */
  readonly holdBackRatio?: number;
  /** Undone as harm once this is false. */
  readonly watch?: Expression;
}
