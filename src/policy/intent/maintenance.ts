import type { Severity } from "./burn-alert.ts";
import type { PolicyClass } from "./policy.ts";
import type { Scope } from "./scope.ts";

export interface Maintenance {
  readonly name: string;
  readonly owner?: string;
  readonly scope: Scope;
  readonly window:
    | { readonly kind: "once"; readonly fromMs: number; readonly toMs: number }
    /** Minute, hour, day of month, month, day of week; in UTC or the named zone. */
    | {
        readonly kind: "cron";
        readonly cron: string;
        readonly zone: string;
        readonly forSeconds: number;
      };
  /** Classes of Policies that rest. */
  readonly freeze: readonly PolicyClass[];
  readonly suppress: readonly Severity[];
  /** Counts of the window are left out of objectives. */
  readonly sloExclude: boolean;
}
