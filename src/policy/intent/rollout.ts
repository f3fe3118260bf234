import type { Judge } from "./judge.ts";

export interface Rollout {
  readonly name: string;
  readonly owner: string;
  readonly service: string;
  readonly stable: string;
  readonly canary: string;
  /** Requests of one such value stay with one version; absent: every request is drawn anew. */
  readonly stickyHeader?: string;
  readonly steps: readonly RolloutStep[];
  readonly judge: Judge;
  readonly onWorse: {
    readonly action: "rollback" | "hold";
    /** How long the canary may still answer what it has begun. */
    readonly drainSeconds: number;
    /** No new start of this pair of versions for this long. */
    readonly lockSeconds: number;
  };
  readonly deadline?: { readonly afterSeconds: number; readonly then: "hold" | "rollback" };
}

export type RolloutStep =
  /** Share of the canary in percent, at least for so long; 0 `forSeconds`: until it is judged safe. */
  | { readonly kind: "weight"; readonly percent: number; readonly forSeconds: number }
  /** Waits for `qmesh rollout promote` by one of this role. */
  | { readonly kind: "hold"; readonly role: string };
