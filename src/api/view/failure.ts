import { z } from "zod";

/** A sampled request that failed; the way from a decision to its traces. */
export const failureView = z.object({
  id: z.string(),
  at: z.string(),
  service: z.string(),
  version: z.string(),
  /** The Envoy that told. */
  node: z.string(),
  /** HTTP status; 0: none was sent. */
  status: z.number(),
  ms: z.number(),
  /** `host:port`; empty: nobody was reached. */
  endpoint: z.string(),
  tier: z.string().exactOptional(),
  tenant: z.string().exactOptional(),
  /** W3C trace id; absent: the caller sent none. */
  traceId: z.string().exactOptional(),
  /** `x-request-id`; empty: it had none. */
  requestId: z.string(),
  /** Actions in force for the service then. */
  decisions: z.array(z.string()).readonly(),
});

export type FailureView = z.infer<typeof failureView>;
