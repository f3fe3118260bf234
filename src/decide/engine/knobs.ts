import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { knobOf } from "../act/action.ts";
import { move, UNMOVED } from "./budget.ts";
import type { PolicyTurn } from "./policy-tick.ts";
import type { EngineState } from "./state.ts";
import type { Basis } from "./tick-input.ts";

const HOUR = 3600;

/** A knob that has rested for an hour is as good as new. */
export function moveKnobs(
  before: EngineState["knobs"],
  turns: readonly PolicyTurn[],
  tick: number,
): EngineState["knobs"] {
  const knobs = new Map(
    Object.entries(before).filter(([, { movedTicks }]) => tick - (movedTicks.at(-1) ?? 0) < HOUR),
  );
  for (const { moved, state } of turns) {
    const direction = state.active === undefined ? "release" : "tighten";
    for (const knob of moved) knobs.set(knob, move(knobs.get(knob) ?? UNMOVED, direction, tick));
  }
  return Object.fromEntries(knobs);
}

/** Of the knob that an action moves: what the hour still holds, at least the one it would take. */
export function movesLeft(
  action: PolicyAction,
  { guard }: Policy,
  { before, tick }: Basis,
): number {
  if (action.kind === "rollback" || action.kind === "notify" || action.kind === "run")
    return guard.budgetPerHour;
  const { movedTicks } = before.knobs[knobOf(action)] ?? UNMOVED;
  const moved = movedTicks.filter((at) => tick - at < HOUR).length;
  return Math.max(1, guard.budgetPerHour - moved);
}
