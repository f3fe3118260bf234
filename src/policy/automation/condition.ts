/** A condition in a document: any text to the schema, then compiled for its place. */
import { z } from "zod";
import { compile } from "../cel/compile.ts";
import type { ConditionPlace } from "../cel/language.ts";
import type { Draft } from "../draft.ts";
import type { Expression } from "../expression.ts";
import type { Path } from "../path.ts";
import type { ProblemCode } from "../problem-codes.ts";

export const conditionText = z.string().min(1);

/** Reports what keeps the condition from being compiled; undefined then. */
export function checkCondition<Spec>(
  draft: Draft<Spec>,
  text: string,
  { path, place }: { path: Path; place: ConditionPlace },
): Expression | undefined {
  const compiled = compile(text, place);
  if (compiled.ok) return compiled.expression;
  for (const fault of compiled.faults) {
    draft.wrong(fault.slice(0, 6) as ProblemCode, path, fault.slice(7));
  }
  return undefined;
}

/** Of a condition that has passed its check. */
export function toExpression(text: string, place: ConditionPlace): Expression {
  const compiled = compile(text, place);
  if (!compiled.ok) throw new Error(`invariant: ${text} did not compile`);
  return compiled.expression;
}
