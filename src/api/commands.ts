import type { IntentChange } from "../control/intent-apply.ts";
import type { What as EngineWhat } from "../decide/engine/order.ts";
import type { AppliedView } from "./view/applied.ts";

/**
 * What a person may tell the engine through the API: the caller is authenticated, its role allows the verb, and the refusal
 * of either is already in the audit log.
 */
export interface Commands {
  /** Resolves once the engine has taken the order, or said why not; never rejects because of what was asked. */
  give(order: Order): Promise<CommandAnswer>;
}

export interface Order {
  /** Name of a person or of a service account. */
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason?: string;
  readonly what: What;
}

/** What the engine is told by people, and what goes past it. */
export type What =
  | Exclude<EngineWhat, { readonly kind: "refused" }>
  | { readonly kind: "rollbackIntent"; readonly digest: string }
  | ({ readonly kind: "apply" } & IntentChange)
  /** Of an alert: whether it was worth waking somebody. */
  | { readonly kind: "label"; readonly alert: string; readonly actionable: "yes" | "no" };

export type CommandAnswer =
  /**
   * `record`: id of what the audit log says of it, if it is known by now. `intent`: of an `apply`, the set that is in force
   * now, or would be.
   */
  | { readonly ok: true; readonly record?: string; readonly intent?: AppliedView }
  | {
      readonly ok: false;
      /** Of its name there is nothing; it does not fit the state; it makes no sense; not now (no leader, disk full); it
       * was said of an intent that is in force no more. */
      readonly kind: "unknown" | "conflict" | "invalid" | "unavailable" | "stale";
      /** A sentence. */
      readonly why: string;
    };
