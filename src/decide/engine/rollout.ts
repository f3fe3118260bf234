import type { Evidence } from "../../evidence/evidence.ts";
import type { Rollout } from "../../policy/intent/rollout.ts";
import { observeSecond } from "../stats/canary.ts";
import { startText, told } from "./rollout-news.ts";
import { follow } from "./rollout-orders.ts";
import { proceed } from "./rollout-progress.ts";
import {
  begin,
  keyOf,
  type RolloutState,
  type RolloutTick,
  type RolloutTurn,
} from "./rollout-state.ts";

/**
 * Progressive delivery of one version: from step to step while the evidence allows it, back at once when the canary is
 * worse, and still where it does not know. A machine of plain values: state and a tick in, state and news out.
 */
export function stepRollout(
  rollout: Rollout,
  known: RolloutState | undefined,
  at: RolloutTick,
): RolloutTurn {
  const key = keyOf(rollout);
  const state = known?.key === key ? known : begin(rollout, key, at.tick, known);
  const begun = state === known ? [] : [told(rollout, "start", startText(rollout, state))];
  const heard = observe(rollout, state, at.evidence);
  const ordered = at.orders.reduce((turn: RolloutTurn, order) => follow(rollout, turn, order, at), {
    state: heard,
    news: begun,
  });
  const judged = at.isFrozen ? ordered : proceed(rollout, ordered, at);
  return { ...judged, state: pin(rollout, judged.state, at) };
}

/** Under way it stands where somebody holds it, else at its step. */
function pin({ steps }: Rollout, state: RolloutState, { pinned, tick }: RolloutTick): RolloutState {
  if (!["progressing", "waiting", "paused"].includes(state.phase)) return state;
  const step = steps.slice(0, state.step + 1).findLast(({ kind }) => kind === "weight");
  const own = step?.kind === "weight" ? step.percent : 0;
  const percent = pinned?.percent ?? own;
  // Let go, it stands at its step for the whole time of the step: nothing is jumped over.
  const stepTick = pinned === undefined ? state.stepTick : tick;
  return percent === state.percent && stepTick === state.stepTick
    ? state
    : { ...state, percent, stepTick };
}

/** Every second is taken once, and only while both versions get traffic. */
function observe(rollout: Rollout, state: RolloutState, evidence: Evidence): RolloutState {
  if (state.percent === 0 || state.percent === 100) return state;
  const countsOf = (version: string) => evidence.countsOf({ service: rollout.service, version }, 1);
  const canary = countsOf(rollout.canary);
  const stable = countsOf(rollout.stable);
  if (canary.seconds === 0 || stable.seconds === 0) return state;
  const share = state.percent / 100;
  return { ...state, evidence: observeSecond(state.evidence, { canary, stable, share }) };
}
