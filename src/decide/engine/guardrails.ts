import type { Guardrail, PolicyAction } from "../../policy/automation.ts";
import type { Expression } from "../../policy/expression.ts";
import type { GuardVerdict } from "../record.ts";
import type { Checked } from "./condition.ts";
import type { Locals } from "./conditions.ts";
import type { EngineState } from "./state.ts";

/** What a guardrail says to the mesh as it would be. Of what is unknown it says what the operator wrote. */
export function guardVerdicts(
  { name, forbid, onDataMissing }: Guardrail,
  check: (condition: Expression) => Checked,
): readonly GuardVerdict[] {
  return forbid.map((condition) => {
    const { value, unknown } = check(condition);
    if (value === undefined) {
      const text = `cannot be judged (${unknown.join("; ")})`;
      return { name, passed: onDataMissing === "allow", text };
    }
    return { name, passed: !value, text: condition.text };
  });
}

/** The mesh after an action, by the names guardrails use. */
export function predict(action: PolicyAction, { policies }: EngineState): Locals {
  const shifted = Object.values(policies).filter(
    ({ active }) => active?.action?.move.kind === "shift",
  ).length;
  return {
    "locality.out": shifted + (action.kind === "shift" ? 1 : 0),
    ...(action.kind === "weights" && {
      "canary.weight": Math.max(0, ...Object.values(action.weights)),
    }),
  };
}
