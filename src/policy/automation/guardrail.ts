/** `Guardrail`: what must never happen, whoever asks. Each of `forbid` is a condition on the mesh as it would be after an action. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf } from "../fields.ts";
import type { Guardrail } from "../intent/guardrail.ts";
import { checkCondition, conditionText, toExpression } from "./condition.ts";
import { scopeSpec, toScope } from "./scope.ts";

const MOST_CONDITIONS = 32;

const onDataMissing = z.union([
  oneOf(["hold", "allow"]),
  fields(
    {},
    {
      assume: "forecasts in place of missing data are",
      for: "forecasts in place of missing data are",
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      then: "forecasts in place of missing data are",
    },
  ),
]);

export const guardrailSpec = fields({
  scope: scopeSpec,
  absolute: z.boolean().default(false),
  forbid: z.array(conditionText).max(MOST_CONDITIONS).default([]),
  onDataMissing: onDataMissing.default("hold"),
});

export type GuardrailSpec = z.output<typeof guardrailSpec>;

export function checkGuardrail(draft: Draft<GuardrailSpec>): void {
  const { forbid } = draft.spec;
  if (forbid.length === 0)
    draft.lacks("QM0007", ["forbid"], "missing; a Guardrail forbids something");
  for (const [index, text] of forbid.entries()) {
    checkCondition(draft, text, { path: ["forbid", index], place: "guardrail" });
  }
}

export function toGuardrail(draft: Draft<GuardrailSpec>, owner: string): Guardrail {
  const { scope, absolute, forbid, onDataMissing } = draft.spec;
  return {
    name: draft.name,
    owner,
    scope: toScope(scope),
    absolute,
    forbid: forbid.map((text) => toExpression(text, "guardrail")),
    onDataMissing: onDataMissing === "allow" ? "allow" : "hold",
  };
}
