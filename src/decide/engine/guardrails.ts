import type { Expression } from "../../policy/expression.ts";
import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Guardrail } from "../../policy/intent/guardrail.ts";
import type { Scope } from "../../policy/intent/scope.ts";
import type { GuardVerdict } from "../record.ts";
import type { Checked } from "./condition.ts";
import { check, type Locals } from "./conditions.ts";
import type { EngineState } from "./state.ts";
import type { Basis } from "./tick-input.ts";

/** What all that are about a scope say. */
export function guardsOf(basis: Basis, scope: Scope, locals: Locals): readonly GuardVerdict[] {
  const { policySet } = basis;
  return policySet.guardrails
    .filter((each) => touches(each.scope, scope))
    .flatMap((each) =>
      guardVerdicts(each, (condition) => check(condition, { ...basis, scope: each.scope }, locals)),
    );
}

/** What a guardrail says to the mesh as it would be. Of what is unknown it says what the operator wrote. */
function guardVerdicts(
  { name, forbid, onDataMissing }: Guardrail,
  ask: (condition: Expression) => Checked,
): readonly GuardVerdict[] {
  return forbid.map((condition) => {
    const { value, unknown } = ask(condition);
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

/** A scope without a service is about all of them. */
export function touches(a: Scope, b: Scope): boolean {
  return a.service === undefined || b.service === undefined || a.service === b.service;
}
