import { z } from "zod";

/** What is going on in the mesh by somebody's will, automation's or a person's. Times are ISO 8601, UTC. */
export const rolloutView = z.object({
  name: z.string(),
  service: z.string(),
  stable: z.string(),
  canary: z.string(),
  phase: z.enum(["progressing", "waiting", "paused", "promoted", "rolled back", "locked"]),
  /** Share of the canary in percent: set, and seen. */
  percent: z.number(),
  actualPercent: z.number().exactOptional(),
  startedAt: z.string(),
  stepSince: z.string(),
  lockedUntil: z.string().exactOptional(),
  /** Why it does not go on; empty: it merely waits for its time. */
  why: z.string(),
  steps: z.array(z.object({ text: z.string(), state: z.enum(["done", "now", "next"]) })).readonly(),
  /** Evidence that the canary is worse, each beside the value at which it is rolled back. */
  signals: z
    .array(z.object({ name: z.string(), evidence: z.number(), limit: z.number() }))
    .readonly(),
  arms: z
    .array(z.object({ version: z.string(), requests: z.number(), errors: z.number() }))
    .readonly(),
});

export const actionView = z.object({
  id: z.string(),
  /** One line: what it does. */
  text: z.string(),
  /** `service/checkout/weights`. */
  knob: z.string(),
  by: z.object({ kind: z.string(), name: z.string() }),
  class: z.string(),
  since: z.string(),
  /** It ends by itself then. */
  until: z.string().exactOptional(),
  isShadow: z.boolean(),
  /** Record that tells why. */
  decision: z.string().exactOptional(),
  /** How many Envoys hold it. */
  progress: z
    .object({
      acked: z.number(),
      refused: z.number(),
      total: z.number(),
    })
    .exactOptional(),
});

export const actionDetail = actionView.extend({
  /** `over`: it is in force no more. */
  isOver: z.boolean(),
  outcome: z.enum(["applying", "applied", "partial"]),
  /** How far it has come on each Envoy that it is for. */
  nodes: z
    .array(
      z.object({
        node: z.string(),
        state: z.enum(["intent", "pushed", "acked", "observed", "refused"]),
        message: z.string().exactOptional(),
      }),
    )
    .readonly(),
});

export const approvalView = z.object({
  /** What to approve or reject. */
  decision: z.string(),
  /** Who asks: a Policy by its name, else `Override NAME`. */
  policy: z.string(),
  text: z.string(),
  need: z.number(),
  /** Roles or names that may. */
  from: z.array(z.string()).readonly(),
  approvedBy: z.array(z.string()).readonly(),
  since: z.string(),
  until: z.string(),
  /** What happens if nobody answers. */
  else: z.enum(["hold", "deny", "apply"]),
});

export const overrideView = z.object({
  id: z.string(),
  by: z.string(),
  /** By a document, whose author nobody verified. */
  isClaimed: z.boolean(),
  reason: z.string(),
  knob: z.string(),
  value: z.union([z.number(), z.string()]),
  since: z.string(),
  until: z.string(),
  /** Those who agreed to break the glass; absent: it is a plain one. */
  brokenBy: z.array(z.string()).readonly().exactOptional(),
});

export const freezeView = z.object({
  isFrozen: z.boolean(),
  by: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  since: z.string().exactOptional(),
});

export const policyView = z.object({
  name: z.string(),
  owner: z.string(),
  class: z.string(),
  /** That it is about; absent: several, or any. */
  service: z.string().exactOptional(),
  /** As written, or as an override or a promotion has it. */
  mode: z.enum(["off", "shadow", "canary", "enforce"]),
  /** `rules` also while its probabilities come true no more, or are suspended. */
  method: z.enum(["probabilistic", "rules"]),
  /** Why it goes by rules though it is probabilistic. */
  methodWhy: z.string().exactOptional(),
  /** It wakes somebody. */
  pages: z.boolean(),
  /** That it begins. */
  runbooks: z.array(z.string()).readonly(),
  breaker: z.enum(["closed", "open", "half open"]),
  breakerWhy: z.string().exactOptional(),
  lastAct: z.string().exactOptional(),
  ledger: z.object({
    since: z.string(),
    acted: z.number(),
    helped: z.number(),
    recovered: z.number(),
    noEffect: z.number(),
    harmed: z.number(),
    minutesSaved: z.number(),
    /** Why it may be time to let it go. */
    retire: z.string().exactOptional(),
  }),
  /** What it would have done in shadow in the last 14 days. */
  shadow: z.object({
    acts: z.number(),
    judged: z.number(),
    unneeded: z.number(),
    worstHour: z.number(),
    /** Why it may not be promoted; absent: it may. */
    whyNot: z.string().exactOptional(),
  }),
});

export const intentView = z.object({
  digest: z.string(),
  at: z.string(),
  isInForce: z.boolean(),
});

export type IntentView = z.infer<typeof intentView>;
export type PolicyView = z.infer<typeof policyView>;
export type RolloutView = z.infer<typeof rolloutView>;
export type ActionDetail = z.infer<typeof actionDetail>;
export type ActionView = z.infer<typeof actionView>;
export type ApprovalView = z.infer<typeof approvalView>;
export type OverrideView = z.infer<typeof overrideView>;
export type FreezeView = z.infer<typeof freezeView>;
