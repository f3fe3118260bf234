/** A point in time as an operator writes it, in ISO 8601 with its offset; read as milliseconds since 1970. */
import { z } from "zod";
import { show } from "../show.ts";

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/;

export const instant = z
  .string()
  .meta({ pattern: FORM.source, examples: ["2026-05-01T02:00:00Z"] })
  .transform((text, context) => {
    // biome-ignore lint/style/noRestrictedGlobals: reads what is written, never the clock
    const ms = FORM.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(ms)) return ms;
    const message = `QM0030 ${show(text)} is not a time such as 2026-05-01T02:00:00Z`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
