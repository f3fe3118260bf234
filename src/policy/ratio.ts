/** Shares as an operator writes them (`20%`, up to three decimals) and as the program counts them: a ratio in [0,1]. */
import { z } from "zod";
import { show } from "./show.ts";

const FORM = /^(\d{1,3}(?:\.\d{1,3})?)%$/;

export function percentage() {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number" ? `QM0015 ${input} has no unit; write ${input}%` : undefined,
    })
    .meta({ pattern: FORM.source, examples: ["20%"] })
    .transform((text, context) => {
      const percent = Number(FORM.exec(text)?.[1] ?? Number.NaN);
      if (percent >= 0 && percent <= 100) return percent / 100;
      const wrong = percent > 100 ? "is above 100%" : "is not a percentage such as 20%";
      context.addIssue({ code: "custom", message: `QM0015 ${show(text)} ${wrong}` });
      return z.NEVER;
    });
}
