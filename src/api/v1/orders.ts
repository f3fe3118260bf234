import { z } from "zod";
import type { Verb } from "../auth/roles.ts";
import type { OrderBody, OrderEndpoint } from "./endpoint.ts";

/** Everything a person may tell the engine. Each needs a token, a role that has the verb, and leaves a line in the audit log. */
const reason = z.string().trim().min(1).max(1000);
const plain = z.strictObject({ reason: reason.exactOptional() });
const withReason = z.strictObject({ reason });
const overrideBody = z.strictObject({
  knob: z.string().min(1).max(256),
  value: z.union([z.number(), z.string().max(256)]),
  ttlSeconds: z.int().min(1).max(86_400),
  breakGlass: z.boolean().exactOptional(),
  reason,
});
const labelBody = z.strictObject({
  actionable: z.enum(["yes", "no"]),
  reason: reason.exactOptional(),
});
const applyBody = z
  .strictObject({
    /** The whole folder; `path` goes down from it. */
    files: z
      .array(z.strictObject({ path: z.string().min(1).max(512), text: z.string() }))
      .max(10_000)
      .exactOptional(),
    /** `Kind/name`. */
    without: z.array(z.string().min(3).max(512)).min(1).max(1000).exactOptional(),
    allowShrink: z.boolean().exactOptional(),
    dryRun: z.boolean().exactOptional(),
    reason: reason.exactOptional(),
  })
  .refine(({ files, without }) => (files === undefined) !== (without === undefined), {
    message: "give files, or without",
  });

export const ORDERS: readonly OrderEndpoint[] = [
  {
    path: "/v1/intent",
    verb: "apply",
    summary: "Make these files the intent, or take documents out of it; if-match: digest in force",
    body: applyBody as z.ZodType<OrderBody>,
    what: (_, body, since) => {
      const {
        files,
        without,
        allowShrink = false,
        dryRun = false,
      } = body as z.infer<typeof applyBody>;
      const to = without === undefined ? (files ?? []) : { without };
      return {
        ...{ kind: "apply", to, allowShrink, isTrial: dryRun },
        ...(since !== undefined && { since }),
      };
    },
  },
  {
    path: "/v1/freeze",
    verb: "freeze",
    summary: "Stop all automation; what is in force stays",
    body: withReason,
    what: () => ({ kind: "freeze" }),
  },
  {
    path: "/v1/unfreeze",
    verb: "unfreeze",
    summary: "Let automation act again",
    body: withReason,
    what: () => ({ kind: "unfreeze" }),
  },
  rollout("promote", "Let a rollout go on to its next step"),
  rollout("abort", "Take a rollout back to the stable version"),
  rollout("pause", "Hold a rollout where it is"),
  rollout("resume", "Let a paused rollout go on"),
  rollout("retry", "Begin a rollout anew"),
  {
    path: "/v1/policies/{name}/promote",
    verb: "promotePolicy",
    summary: "Let a Policy act that is in shadow, if its report is within bounds",
    body: plain,
    what: ({ name = "" }) => ({ kind: "promotePolicy", policy: name }),
  },
  {
    path: "/v1/intents/{digest}/rollback",
    verb: "rollbackIntent",
    summary: "Put a set in force again that was, until the folder of intent changes",
    body: withReason,
    what: ({ digest = "" }) => ({ kind: "rollbackIntent", digest }),
  },
  answer("approve", "Allow what waits for people"),
  answer("reject", "Refuse what waits for people"),
  {
    path: "/v1/overrides",
    verb: "override",
    summary: "Hold a knob at a value for a while",
    body: overrideBody,
    what: (_, body) => {
      const { reason: _reason, ...asked } = body as z.infer<typeof overrideBody>;
      return { kind: "override", ...asked };
    },
  },
  {
    path: "/v1/overrides/{id}/end",
    verb: "endOverride",
    summary: "End an override before its time",
    body: plain,
    what: ({ id = "" }) => ({ kind: "endOverride", id }),
  },
  {
    path: "/v1/alerts/{id}/label",
    verb: "label",
    summary: "Say whether an alert was worth waking somebody",
    body: labelBody,
    what: ({ id = "" }, body) => {
      const { actionable } = body as z.infer<typeof labelBody>;
      return { kind: "label", alert: id, actionable };
    },
  },
];

function rollout(
  kind: Verb & ("promote" | "abort" | "pause" | "resume" | "retry"),
  summary: string,
): OrderEndpoint {
  return {
    path: `/v1/rollouts/{name}/${kind}`,
    verb: kind,
    summary,
    body: plain,
    what: ({ name = "" }) => ({ kind, rollout: name }),
  };
}

function answer(kind: "approve" | "reject", summary: string): OrderEndpoint {
  return {
    path: `/v1/approvals/{decision}/${kind}`,
    verb: kind,
    summary,
    body: plain as z.ZodType<OrderBody>,
    what: ({ decision = "" }) => ({ kind, decision }),
  };
}
