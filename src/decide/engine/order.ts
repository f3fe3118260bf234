/**
 * What a person told the engine, by the API, once it is known who it is. A name in a document is only a claim; here it
 * was shown. Orders are part of a tick's input, so a replay follows them too.
 */
export interface Order {
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason?: string;
  readonly what: What;
}

export type What =
  | { readonly kind: "freeze" | "unfreeze" }
  | {
      readonly kind: "promote" | "abort" | "pause" | "resume" | "retry";
      readonly rollout: string;
    }
  | { readonly kind: "approve" | "reject"; readonly decision: string }
  | {
      readonly kind: "override";
      /** `rateLimit.NAME.factor`, `policy.NAME.mode`, `canary.weight@SERVICE`. */
      readonly knob: string;
      readonly value: number | string;
      /** 1..86400. */
      readonly ttlSeconds: number;
      /** Waits for a second person, and then goes before all but absolute Guardrails. */
      readonly breakGlass?: boolean;
    }
  | { readonly kind: "promotePolicy"; readonly policy: string }
  | { readonly kind: "endOverride"; readonly id: string }
  /** Of the control plane itself: some Envoys refuse an action. */
  | { readonly kind: "refused"; readonly action: string };
