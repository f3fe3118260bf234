import { z } from "zod";

/** The ten measures a mesh is run by. */
export const MEASURES = ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10"] as const;
export type Measure = (typeof MEASURES)[number];

export const reportView = z.object({
  measure: z.enum(MEASURES),
  title: z.string(),
  /** What is aimed at, in words. */
  target: z.string(),
  /** The worst row against the target; `unknown`: nothing was measured, which is never `met`. */
  state: z.enum(["met", "missed", "unknown"]),
  /** ISO 8601: what is read of the log begins here; what is read of evidence says its own window. */
  since: z.string(),
  rows: z
    .array(
      z.object({
        name: z.string(),
        /** Null: unknown. */
        value: z.number().nullable(),
        /** `ratio`, `s`, `1`: times or events, or the unit of the bill. */
        unit: z.string(),
        /** Requests or records behind it. */
        samples: z.number(),
        window: z.string(),
      }),
    )
    .readonly(),
});

export type ReportView = z.infer<typeof reportView>;
export type ReportRow = ReportView["rows"][number];
