import type { Expression } from "../expression.ts";
import type { ConditionFunctions } from "./condition-functions.ts";
/** STUB until the language branch lands. */
export function evaluate(
  _e: Expression,
  _f: ConditionFunctions,
): {
  value: boolean | number | string | undefined;
  trace: { text: string; value: boolean | number | string | undefined }[];
  unknown: string[];
} {
  return { value: undefined, trace: [], unknown: [] };
}
