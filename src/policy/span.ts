/**
 * Spans of time as policy speaks of them: whole seconds, of up to four parts of a number and w, d, h, m or s, such as `30s`, `5m`,
 * `1h30m`, `30d`. Read as seconds.
 */
import { z } from "zod";
import { show } from "./show.ts";

const FORM = /^(?:\d{1,5}[wdhms]){1,4}$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  w: 604_800,
  d: 86_400,
  h: 3600,
  m: 60,
  s: 1,
};
/** A year: nothing that is remembered is older. */
export const LONGEST_SPAN = 366 * 86_400;

/** Seconds; undefined for any other text. */
export function parseSpan(text: string): number | undefined {
  if (!FORM.test(text)) return undefined;
  let sum = 0;
  for (const [, digits = "0", unit = "s"] of text.matchAll(/(\d+)([wdhms])/g)) {
    sum += Number(digits) * (UNIT_SECONDS[unit] ?? 0);
  }
  return sum;
}

/** A span from `least` (default a second) to `most` seconds. */
export function span(bounds: { least?: number; most?: number } = {}) {
  const { least = 1, most = LONGEST_SPAN } = bounds;
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number" ? `QM0014 ${input} has no unit; write ${input}s` : undefined,
    })
    .meta({ pattern: FORM.source, examples: ["30s", "5m", "1h30m", "30d"] })
    .transform((text, context) => {
      const seconds = parseSpan(text);
      const wrong =
        seconds === undefined
          ? "is not a span of time such as 30s, 5m, 1h30m or 30d"
          : boundsFault(seconds, { least, most });
      if (seconds !== undefined && wrong === undefined) return seconds;
      context.addIssue({ code: "custom", message: `QM0014 ${show(text)} ${wrong}` });
      return z.NEVER;
    });
}

function boundsFault(seconds: number, { least, most }: { least: number; most: number }) {
  if (seconds < least) return `is below ${printSpan(least)}`;
  return seconds > most ? `is above ${printSpan(most)}` : undefined;
}

const DAY = 86_400;

/** In the largest unit that is whole: `90s`, `5m`, `24h`, `7d`. */
export function printSpan(seconds: number): string {
  if (seconds > DAY && seconds % DAY === 0) return `${seconds / DAY}d`;
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
