/** Rates as an operator writes them: a whole number of requests and a unit, such as `400/s`, `30/m`, `1000/h` or `5000/d`. */
import { z } from "zod";
import type { Rate } from "./intent/rate.ts";
import { show } from "./show.ts";

const FORM = /^([1-9]\d{0,6})\/(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Undefined for any other text. */
function parseRate(text: string): Rate | undefined {
  const [, digits, unit = ""] = FORM.exec(text) ?? [];
  const perMs = UNIT_MS[unit];
  return digits === undefined || perMs === undefined
    ? undefined
    : { requests: Number(digits), perMs };
}

export function rate() {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number" ? `QM0026 ${input} has no unit; write ${input}/s` : undefined,
    })
    .meta({ pattern: FORM.source, examples: ["400/s", "30/m", "1000/h"] })
    .transform((text, context) => {
      const parsed = parseRate(text);
      if (parsed !== undefined) return parsed;
      const form = "1 to 9999999 requests a unit, such as 400/s, 30/m, 1000/h or 5000/d";
      context.addIssue({ code: "custom", message: `QM0026 ${show(text)} is not a rate: ${form}` });
      return z.NEVER;
    });
}

/** Requests a second. */
export function toRps({ requests, perMs }: Rate): number {
  return (requests / perMs) * 1000;
}
