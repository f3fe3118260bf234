import { z } from "zod";

/** What went wrong, who was told, and what the log says. Times are ISO 8601, UTC. */
export const incidentView = z.object({
  id: z.string(),
  title: z.string(),
  service: z.string().exactOptional(),
  severity: z.enum(["page", "ticket"]),
  openedAt: z.string(),
  /** Absent: it is open. */
  closedAt: z.string().exactOptional(),
  /** Address of the page that says what to do. */
  runbook: z.string().exactOptional(),
  /** Names of the Runbooks that its alerts have to do with, sorted. */
  runbooks: z.array(z.string()).readonly(),
  /** Ids, oldest first. */
  decisions: z.array(z.string()).readonly(),
});

export const alertView = z.object({
  /** Of this episode; what to label. */
  id: z.string(),
  /** Of the same reason, whenever it comes. */
  fingerprint: z.string(),
  severity: z.enum(["page", "ticket"]),
  state: z.enum(["firing", "suppressed", "resolved"]),
  title: z.string(),
  service: z.string().exactOptional(),
  slo: z.string().exactOptional(),
  since: z.string(),
  value: z.number(),
  threshold: z.number(),
  windowSeconds: z.number(),
  /** Chance that it is real. */
  posterior: z.number().exactOptional(),
  /** What automation did about it, one line each. */
  tried: z.array(z.string()).readonly(),
  decision: z.string().exactOptional(),
  /** Maintenance, silence or alert that keeps it from being told. */
  suppressedBy: z.string().exactOptional(),
  /** A mitigation failed, and people were told then. */
  escalatedAt: z.string().exactOptional(),
  /** Absent: it has not ended. */
  resolvedAt: z.string().exactOptional(),
  /** What is told at once. */
  group: z.string().exactOptional(),
  targets: z.array(z.string()).readonly(),
  /** Where its group was sent, the newest last. */
  sent: z
    .array(
      z.object({
        to: z.string(),
        state: z.enum(["waiting", "sent", "failed"]),
        why: z.string().exactOptional(),
      }),
    )
    .readonly(),
  /** What a person said of it afterwards. */
  actionable: z.enum(["yes", "no"]).exactOptional(),
});

/** How many labelled alerts were not worth acting on, with the 95 % interval of their share; without a label no share. */
export const alertQualityView = z.object({
  labelled: z.int(),
  notActionable: z.int(),
  share: z.number().exactOptional(),
  low: z.number().exactOptional(),
  high: z.number().exactOptional(),
});

export const auditRecordView = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string(),
  subject: z.object({ kind: z.string(), name: z.string() }),
  actor: z.string(),
  policySetDigest: z.string(),
  body: z.record(z.string(), z.unknown()),
});

export type IncidentView = z.infer<typeof incidentView>;
export type AlertView = z.infer<typeof alertView>;
export type AlertQualityView = z.infer<typeof alertQualityView>;
export type AuditRecordView = z.infer<typeof auditRecordView>;
