import type { Severity } from "./burn-alert.ts";
import type { Shifted } from "./locality-shift.ts";
import type { Rate } from "./rate.ts";

/**
 * One entry of `then`, told apart by `kind`. Those that move a knob of the mesh are laid over the intent
 * (`src/decide/act/effective.ts`); `notify` and `run` leave the mesh as it is.
 */
export type PolicyAction =
  | { readonly kind: "rollback"; readonly rollout: string }
  | {
      readonly kind: "weights";
      readonly service: string;
      readonly weights: Readonly<Record<string, number>>;
    }
  /** Moves traffic of a locality (`region/zone` or `region`) to the others: a step of it at a time, at most `maxRatio`. */
  | {
      readonly kind: "shift";
      readonly service: string;
      readonly from: string;
      readonly maxRatio: number;
      readonly stepRatio: number;
      readonly everySeconds: number;
      /** Where it stands; absent: not begun. */
      readonly now?: Shifted;
    }
  /** Tightens a Shedding: never above `max` in flight per Envoy; tiers by name held at most at this share. */
  | {
      readonly kind: "shed";
      readonly shedding: string;
      readonly max?: number;
      readonly tiers: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "rateLimit";
      readonly name: string;
      /** Of the written rate. Exactly one of `factor` and `rate`. */
      readonly factor?: number;
      readonly rate?: Rate;
      /** Only these; empty: all. */
      readonly tiers: readonly string[];
      /** Of the written rate, whatever is asked: the guard's floor. */
      readonly leastFactor?: number;
    }
  | {
      readonly kind: "outlier";
      readonly service: string;
      readonly consecutive5xx?: number;
      readonly baseEjectionSeconds?: number;
      readonly maxEjectedRatio?: number;
    }
  | {
      readonly kind: "circuitBreaker";
      readonly service: string;
      readonly maxConnections?: number;
      readonly maxPending?: number;
      readonly maxRequests?: number;
    }
  | { readonly kind: "timeout"; readonly service: string; readonly timeoutMs: number }
  | { readonly kind: "retries"; readonly service: string; readonly budgetRatio: number }
  | (Suspect & {
      readonly kind: "deny";
      readonly service?: string;
      /** Who is one of these, instead of the fields of one. */
      readonly any?: readonly Suspect[];
      /** Names in certificates, or `sub` of tokens, that are never denied; a `*` at the end stands for any rest. */
      readonly exempt?: readonly string[];
    })
  | {
      readonly kind: "mirror";
      readonly service: string;
      readonly to: string;
      readonly ratio: number;
    }
  | {
      readonly kind: "fault";
      readonly service: string;
      readonly abort?: { readonly status: number; readonly ratio: number };
      readonly delay?: { readonly ms: number; readonly ratio: number };
    }
  | { readonly kind: "notify"; readonly severity: Severity; readonly to: string }
  /** Steps outside the mesh. */
  | { readonly kind: "run"; readonly runbook: string };

/** Who is denied: all that is said must hold, and something is. `$signal.NAME` stands for a label of the signal that made `when` true. */
export interface Suspect {
  readonly principal?: string;
  readonly cidr?: string;
  readonly header?: { readonly name: string; readonly value: string };
  readonly claim?: { readonly name: string; readonly value: string };
}
