import type { Rollout } from "../../policy/intent/rollout.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { type ActionInForce, knobOf } from "../act/action.ts";
import { holding, toActions } from "./overrides.ts";
import { type RolloutState, weightsOf } from "./rollout-state.ts";
import type { EngineState } from "./state.ts";

/** All that holds in a state: shares of rollouts, what policies did, what people want. */
export function actionsInForce(
  state: EngineState,
  policySet: PolicySet,
  tick: number,
): readonly ActionInForce[] {
  const rollouts = policySet.rollouts.flatMap((rollout): readonly ActionInForce[] => {
    const now = state.rollouts[rollout.name];
    return now === undefined ? [] : [sharesOf(rollout, now)];
  });
  const policies = Object.values(state.policies).flatMap(({ active }) => active?.action ?? []);
  const overrides = toActions(holding(state.overrides, tick));
  // A person's will goes before what a Policy wants of the same knob.
  const taken = new Set(overrides.map(({ knob }) => knob));
  const all = [...rollouts, ...policies.filter(({ knob }) => !taken.has(knob)), ...overrides];
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function sharesOf(rollout: Rollout, state: RolloutState): ActionInForce {
  const move = {
    kind: "weights" as const,
    service: rollout.service,
    weights: weightsOf(rollout, state),
  };
  return {
    id: `rollout/${rollout.name}/${state.key}`,
    knob: knobOf(move),
    by: { kind: "Rollout", name: rollout.name },
    class: "experiment",
    move,
    sinceTick: state.stepTick,
    isShadow: false,
  };
}
