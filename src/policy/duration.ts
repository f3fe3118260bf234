/**
 * Durations as Gateway API writes them (GEP-2257): up to four parts of a number of at most five digits and h, m, s or ms, such as
 * `1m30s` or `400ms`. No sign, no fraction, no other unit. Read as milliseconds.
 */
import { z } from "zod";
import { show } from "./show.ts";

const FORM = /^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/;
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!FORM.test(text)) return undefined;
  let sum = 0;
  for (const [, digits = "0", unit = "ms"] of text.matchAll(/(\d+)(ms|h|m|s)/g)) {
    sum += Number(digits) * (UNIT_MS[unit] ?? 0);
  }
  return sum;
}

/** A duration; with `positive`, not 0. */
export function duration(options: { positive: boolean }) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number"
          ? `QM0014 ${input} has no unit; write ${input}s or ${input}ms`
          : undefined,
    })
    .meta({ pattern: FORM.source, examples: ["400ms", "1s", "1m30s"] })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && (ms > 0 || !options.positive)) return ms;
      const wrong = ms === 0 ? "is not above 0s" : "is not a duration such as 400ms, 5s or 1m30s";
      context.addIssue({ code: "custom", message: `QM0014 ${show(text)} ${wrong}` });
      return z.NEVER;
    });
}
