import { z } from "zod";

/** A request of the sample that Envoys log: one of a hundred. No path, address or header is kept. */
export const requestView = z.object({
  seq: z.number(),
  /** ISO 8601, of the report that brought it: within a second of its end. */
  at: z.string(),
  node: z.string(),
  /** Empty: Envoy answered by itself; then it was shed, denied, or had no route. */
  cluster: z.string(),
  /** HTTP status; 0: none was sent. */
  status: z.number(),
  ms: z.number(),
});

export type RequestView = z.infer<typeof requestView>;
