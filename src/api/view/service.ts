import { z } from "zod";

/** A service as its operators see it. Ratios are in [0,1], rates per second, an absent number is not known. */
export const objectiveView = z.object({
  /** Of the SLO. */
  name: z.string(),
  /** What makes a request good: `answered without 5xx`, `answered within 300 ms`. */
  indicator: z.string(),
  /** Share that must be good, in (0,1). */
  target: z.number(),
  windowSeconds: z.number(),
  /** `at risk`: an alert's burn is reached; `spent`: nothing is left of the budget. */
  state: z.enum(["met", "at risk", "spent", "unknown"]),
  /** Share that was good in the shortest window of `burns`: what the indicator reads now. */
  now: z.number().exactOptional(),
  /** Share that was good over the objective's own window. */
  attained: z.number().exactOptional(),
  /** Of the error budget; below 0 once more than all of it is spent. */
  budgetLeft: z.number().exactOptional(),
  /** Multiples of the rate that would just use up the budget, shortest window first. */
  burns: z
    .array(z.object({ windowSeconds: z.number(), burn: z.number().exactOptional() }))
    .readonly(),
  /** Budget left at the end of equal parts of the window, oldest first, null where nothing was seen: a row of the heat map. */
  history: z.array(z.number().nullable()).readonly(),
});

/** Requests of the last minute by time: `toMs` is the upper edge of each bucket, absent for the last. */
const histogram = z
  .array(z.object({ toMs: z.number().exactOptional(), requests: z.number() }))
  .readonly();

export const serviceView = z.object({
  name: z.string(),
  owner: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()),
  /** Of its evidence. */
  state: z.enum(["ok", "late", "blind"]),
  ageSeconds: z.number(),
  requestRps: z.number().exactOptional(),
  errorRatio: z.number().exactOptional(),
  p50Ms: z.number().exactOptional(),
  p95Ms: z.number().exactOptional(),
  p99Ms: z.number().exactOptional(),
  histogram: histogram.exactOptional(),
  cost: z.object({ perRequest: z.number(), currency: z.string() }).exactOptional(),
  objectives: z.array(objectiveView).readonly(),
  /** Versions, localities, endpoints (`host:port`), tiers and tenants, each with what is known of it. */
  parts: z
    .array(
      z.object({
        part: z.enum(["version", "locality", "endpoint", "tier", "tenant"]),
        name: z.string(),
        requestRps: z.number(),
        errorRatio: z.number().exactOptional(),
        p95Ms: z.number().exactOptional(),
        /** On average over the last minute: rate times mean time. */
        inflight: z.number().exactOptional(),
        /** Of a tenant, by the sample that Envoys log; absent: none was shed. */
        shedRps: z.number().exactOptional(),
        /** Of a tenant: its weight among those that ask, and its max-min part of all that was let in, over all tiers. */
        fair: z.object({ weight: z.number(), rps: z.number() }).exactOptional(),
        /** Of one service asked for by name. */
        histogram: histogram.exactOptional(),
      }),
    )
    .readonly(),
});

export type ObjectiveView = z.infer<typeof objectiveView>;
export type ServiceView = z.infer<typeof serviceView>;
