import type { Expression } from "../../policy/expression.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { serviceOf } from "../act/action.ts";
import type { MovesOf } from "../act/effective.ts";
import { affectedShare } from "./affected.ts";
import { whyBroken } from "./automation-breaker.ts";
import { isSpent, UNMOVED, whyNotMove } from "./budget.ts";
import type { Checked } from "./condition.ts";
import { check, type Locals } from "./conditions.ts";
import { denialGuards, guarded } from "./denial-guards.ts";
import { guardsOf, predict, touches } from "./guardrails.ts";
import { instrumentOf } from "./instrument.ts";
import { movesLeft } from "./knobs.ts";
import { shiftPlan } from "./locality-load.ts";
import { isOpen } from "./maintenance.ts";
import { compare, goodDenied, historyOf, measure, touchedBy } from "./measure.ts";
import { newestOn } from "./overrides.ts";
import { stepPolicy } from "./policy.ts";
import type { PolicyTurn } from "./policy-tick.ts";
import { problemOf } from "./problem.ts";
import { promotedMode } from "./promotion.ts";
import { resolveLabels } from "./resolve.ts";
import { firstStep, shiftGuards } from "./shift-step.ts";
import type { Basis } from "./tick-input.ts";
import { weigh } from "./weigh.ts";

/** One Policy, given the ears and hands of its machine: what it reads of the mesh, and what may stop it. */
export function turnOfPolicy(written: Policy, basis: Basis): PolicyTurn {
  const { before, tick, orders, held, policySet, evidence } = basis;
  const mode =
    newestOn(held, `policy.${written.name}.mode`)?.value ?? promotedMode(written, before);
  const policy = mode === undefined ? written : { ...written, mode: mode as Policy["mode"] };
  const lookup = (condition: Expression, locals: Locals = {}): Checked =>
    check(condition, { ...basis, scope: policy.scope }, locals);
  const planOf = (move: MovesOf<"shift">, stepTick?: number) => {
    const slo = policySet.slos.find(({ name }) => name === policy.verify?.signal);
    const settled = stepTick === undefined ? {} : { settledSeconds: tick - stepTick };
    return shiftPlan(move, { policySet, evidence, slo, ...settled });
  };
  return stepPolicy(policy, before.policies[policy.name], {
    tick,
    orders,
    check: lookup,
    measure: (verify, action) => measure(verify, basis, action),
    compare: (verify, action) => compare(verify, basis, action),
    touchedBy: (action) => touchedBy(action, basis),
    affected: (action) => affectedShare(action, basis),
    goodDenied: (action) => goodDenied(action, basis),
    nodesOf: (move) => basis.nodesOf?.(serviceOf(move, basis.policySet)) ?? [],
    history: (verify) => historyOf(verify, basis),
    resolve: (action) => {
      const asked = guarded(resolveLabels(action, policy, evidence), policy.guard);
      return asked?.kind === "shift" ? firstStep(asked, planOf(asked)) : asked;
    },
    planShift: planOf,
    weigh: (actions, by) =>
      weigh(policy, actions, {
        ...by,
        ground: basis,
        movesLeft: (action) => movesLeft(action, policy, basis),
      }),
    problem: (verify, measured) => problemOf(verify, measured, basis),
    instrument: (verify) => instrumentOf(verify, basis.evidence),
    guard: (action, affected) => [
      ...denialGuards(policy.guard, action),
      ...shiftGuards(action, planOf),
      ...guardsOf(basis, policy.scope, {
        ...predict(action, before),
        ...(affected !== undefined && { "affected.share": affected }),
      }),
    ],
    mayMove: (knob, direction) =>
      whyNotMove(before.knobs[knob] ?? UNMOVED, direction, { tick, ...policy.guard }),
    isSpent: (knob) => isSpent(before.knobs[knob] ?? UNMOVED, { tick, ...policy.guard }),
    restsBecause: whyRests(policy, basis),
  });
}

function whyRests(
  policy: Policy,
  { before, isFrozen, policySet, tick }: Basis,
): string | undefined {
  if (isFrozen) return "frozen: automation is stopped by hand";
  const broken = whyBroken(before, policySet.policies, policy.name, tick);
  if (broken !== undefined) return broken;
  const window = policySet.maintenances.find(
    (each) =>
      each.freeze.includes(policy.class) && touches(each.scope, policy.scope) && isOpen(each, tick),
  );
  return window && `maintenance ${window.name} rests this class`;
}
