import { z } from "zod";
import type { IncidentCheck } from "../../audit/incident.ts";

const told = z.object({
  /** Its id: `qmesh explain`. */
  record: z.string(),
  at: z.string(),
  subject: z.string(),
  what: z.string(),
});

/** What to look at while an incident is open, now. Ratios are in [0,1], times ISO 8601, UTC. */
export const incidentCheckView = z.object({
  /** Of the record it was asked by. */
  id: z.string(),
  /** Of the services it is about. */
  objectives: z
    .array(
      z.object({
        name: z.string(),
        targetRatio: z.number(),
        attainedRatio: z.number().exactOptional(),
        /** Below 0 once more than all of it is spent. */
        budgetLeftRatio: z.number().exactOptional(),
      }),
    )
    .readonly(),
  actions: z.array(told).readonly(),
  /** Per subject the log's last word beside what holds. */
  comparison: z
    .array(
      z.object({
        subject: z.string(),
        log: z.string(),
        record: z.string().exactOptional(),
        inForce: z.string(),
        agree: z.boolean(),
      }),
    )
    .readonly(),
  automation: z.object({
    /** Actions with an outcome, and ids of those that did harm. */
    judged: z.number(),
    harmful: z.array(z.string()).readonly(),
    isFrozen: z.boolean(),
  }),
  postmortem: z.object({ command: z.string(), tags: z.array(z.string()).readonly() }),
  people: z.array(told).readonly(),
}) satisfies z.ZodType<IncidentCheck>;
