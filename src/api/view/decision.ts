import { z } from "zod";
import { RECORD_KINDS } from "../../decide/record.ts";

/** `recovered`: trouble ended, but it is not shown that this ended it. */
export const OUTCOMES = [
  "success",
  "recovered",
  "no effect",
  "harm",
  "partial",
  "applied",
  "inconclusive",
] as const;

/** A record of the engine as people see it: what was decided, on what evidence, what else was weighed. */
export const decisionView = z.object({
  id: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  kind: z.enum(RECORD_KINDS),
  /** `Policy`, `Rollout`, `Override`, `SLO`, `Shedding` or `Engine`, and its name. */
  subject: z.object({ kind: z.string(), name: z.string() }),
  /** That it is about; absent if about several or none. */
  service: z.string().exactOptional(),
  /** `engine`, or who gave the order. */
  actor: z.string(),
  mode: z.enum(["enforce", "shadow", "canary"]).exactOptional(),
  /** `roll back`, `advance`, `hold`, `act`, `revert` ... */
  verdict: z.string(),
  /** Whole sentences, the first the most important. */
  because: z.array(z.string()).readonly(),
  /** What came of it, once known. */
  outcome: z
    .object({
      state: z.enum(OUTCOMES),
      text: z.string(),
    })
    .exactOptional(),
  /** From the newest sample to the decision, and from there to the last acknowledgement. */
  latency: z.object({ decideMs: z.number(), applyMs: z.number().exactOptional() }).exactOptional(),
});

export const decisionDetail = decisionView.extend({
  seen: z
    .array(
      z.object({
        what: z.string(),
        /** Null: unknown. */
        value: z.union([z.number(), z.string(), z.boolean()]).nullable(),
        threshold: z.string().exactOptional(),
        windowSeconds: z.number().exactOptional(),
      }),
    )
    .readonly(),
  weighed: z
    .array(
      z.object({
        text: z.string(),
        /** Expected over doing nothing, in the worth of a request; absent: not weighed. */
        gain: z.number().exactOptional(),
        /** Chance that it loses less than doing nothing. */
        pBenefit: z.number().exactOptional(),
        place: z.enum(["chosen", "runner-up", "nothing"]).exactOptional(),
        why: z.string(),
      }),
    )
    .readonly(),
  /** What may be behind the evidence, the most likely first. */
  believed: z.array(z.object({ what: z.string(), chance: z.number() })).readonly(),
  guards: z.array(z.object({ name: z.string(), passed: z.boolean(), text: z.string() })).readonly(),
  /** The smallest change that would have made it another decision. */
  flip: z.string().exactOptional(),
  action: z.string().exactOptional(),
  wayBack: z.string().exactOptional(),
  causes: z.array(z.string()).readonly(),
  /** What `qmesh explain` prints, at most 25 lines. */
  explanation: z.array(z.string()).readonly(),
  /** Records that name this one as their cause, oldest first. */
  later: z.array(decisionView).readonly(),
  /** The evidence over time beside what it was held against. */
  plot: z
    .object({
      /** Seconds of Unix time, rising. */
      times: z.array(z.number()).readonly(),
      lines: z
        .array(
          z.object({
            name: z.string(),
            /** As many as `times`; null: not known. */
            values: z.array(z.number().nullable()).readonly(),
            threshold: z.number().exactOptional(),
          }),
        )
        .readonly(),
    })
    .exactOptional(),
  /** Of sampled requests it rests on. */
  traceIds: z.array(z.string()).readonly().exactOptional(),
});

export type DecisionView = z.infer<typeof decisionView>;
export type DecisionDetail = z.infer<typeof decisionDetail>;
