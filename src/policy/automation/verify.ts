/** `verify` of a Policy: what must improve once it acts, by how much, for how long, and what must not happen meanwhile. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields } from "../fields.ts";
import type { Verify } from "../intent/policy.ts";
import { percentage } from "../ratio.ts";
import { compareText } from "../report.ts";
import { printSpan, span } from "../span.ts";
import { checkCondition, conditionText, toExpression } from "./condition.ts";

const quantity = z.number().min(-1e15).max(1e15);
const MOST_HELD_BACK = 0.5;

export const verifySpec = fields({
  signal: z.string().min(1).max(253),
  improve: fields({
    below: z.union([quantity, fields({ burn: z.number().min(0).max(1e6) })]).exactOptional(),
    relative: z.number().gt(0).max(1).exactOptional(),
  }),
  sustained: span(),
  within: span(),
  holdBack: percentage().exactOptional(),
  watch: z.record(z.string(), conditionText).default({}),
});

type VerifySpec = z.output<typeof verifySpec>;

export function checkVerify(draft: Draft<unknown>, verify: VerifySpec): void {
  const { improve, sustained, within, watch, holdBack } = verify;
  if (holdBack !== undefined && (holdBack === 0 || holdBack > MOST_HELD_BACK)) {
    const message = "is not above 0% and at most 50%: who is held back goes without help";
    draft.wrong("QM0005", ["verify", "holdBack"], message);
  }
  if ((improve.below === undefined) === (improve.relative === undefined)) {
    draft.lacks("QM0115", ["verify", "improve"], "is not one of below and relative");
  }
  if (sustained > within) {
    const message = `${printSpan(sustained)} is longer than within, ${printSpan(within)}, so it cannot succeed`;
    draft.wrong("QM0127", ["verify", "sustained"], message);
  }
  for (const [name, condition] of Object.entries(watch)) {
    checkCondition(draft, condition, { path: ["verify", "watch", name], place: "watch" });
  }
}

export function toVerify(spec: VerifySpec): Verify {
  const { signal, sustained, within, watch, holdBack } = spec;
  const watched = watchText(watch);
  return {
    signal,
    improve: toImprovement(spec.improve),
    sustainedSeconds: sustained,
    withinSeconds: within,
    ...(holdBack !== undefined && { holdBackRatio: holdBack }),
    ...(watched !== undefined && { watch: toExpression(watched, "watch") }),
  };
}

/** All that is watched must hold; in order of name, so that equal documents are equal. */
function watchText(watch: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(watch).sort(compareText);
  if (names.length === 0) return undefined;
  return names.map((name) => `(${watch[name]})`).join(" && ");
}

function toImprovement({ below, relative }: VerifySpec["improve"]): Verify["improve"] {
  if (typeof below === "number") return { kind: "below", value: below };
  if (below !== undefined) return { kind: "burnBelow", burn: below.burn };
  return { kind: "relative", ratio: relative ?? 0 };
}
