import { z } from "zod";

/** What came, or would come, of a change of intent by the API. */
export const appliedView = z.object({
  digest: z.string(),
  changes: z
    .array(
      z.object({
        document: z.string(),
        change: z.enum(["added", "changed", "removed"]),
        paths: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  /** What it would be held for without `allowShrink`. */
  held: z.array(z.string()).readonly(),
});

export type AppliedView = z.infer<typeof appliedView>;
