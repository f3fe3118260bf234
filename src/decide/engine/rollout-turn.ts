import type { Rollout } from "../../policy/intent/rollout.ts";
import { breakerGuard } from "./automation-breaker.ts";
import { guardsOf } from "./guardrails.ts";
import type { Order } from "./order.ts";
import { canaryShareOf } from "./overrides.ts";
import { stepRollout } from "./rollout.ts";
import type { RolloutTick, RolloutTurn } from "./rollout-state.ts";
import type { Basis } from "./tick-input.ts";

/** One Rollout, with the guardrails that speak of its canary and what a person holds it at. `orders`: of this tick, all. */
export function turnOfRollout(
  rollout: Rollout,
  orders: readonly Order[],
  basis: Basis,
): RolloutTurn {
  const { before, tick, evidence, isFrozen } = basis;
  return stepRollout(rollout, before.rollouts[rollout.name], {
    tick,
    evidence,
    orders: orders.filter(({ what }) => "rollout" in what && what.rollout === rollout.name),
    isFrozen,
    ...pinOf(rollout, basis),
    guard: (percent) => [
      ...breakerGuard(before.breaker, tick),
      ...canaryGuards(basis, rollout, percent),
    ],
  });
}

function canaryGuards(basis: Basis, { service }: Rollout, percent: number) {
  return guardsOf(basis, { service, labels: {} }, { "canary.weight": percent });
}

/** What a person holds the canary at: yields to every Guardrail, or to absolute ones only where the glass is broken. */
function pinOf(rollout: Rollout, basis: Basis): Pick<RolloutTick, "pinned"> {
  const pinned = canaryShareOf(basis.held, rollout.service);
  if (pinned === undefined) return {};
  const { policySet } = basis;
  const guardrails = policySet.guardrails.filter((each) => each.absolute || !pinned.isBroken);
  const only = { ...basis, policySet: { ...policySet, guardrails } };
  const isForbidden = canaryGuards(only, rollout, pinned.percent).some(({ passed }) => !passed);
  return isForbidden ? {} : { pinned };
}
