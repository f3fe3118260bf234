import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Shifted } from "../../policy/intent/locality-shift.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import type { ActionInForce } from "../act/action.ts";
import { describeMove } from "../act/action.ts";
import type { MovesOf } from "../act/effective.ts";
import type { GuardVerdict } from "../record.ts";
import type { Checked } from "./condition.ts";
import { end } from "./ending.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { LEAST_RATIO, MOST_LOAD, type ShiftPlan } from "./shift-plan.ts";

/**
 * A shift in force, step by step. Further while the condition holds, the locality is not well and the others have room; back
 * once it has not held for long and the locality is well; at once to what fits when one of the others has more than its
 * bound. A step on after a step back is a move of its own, and spends the hour's budget.
 */
type Shift = MovesOf<"shift">;

/** A push is served by, counted and told, and then looked at for a while. */
const SETTLE_SECONDS = 5;

/** The action as it would begin; one that nobody has room for is left as it is written, for its guard to say so. */
export function firstStep(action: Shift, plan: ShiftPlan | undefined): Shift {
  const ratio = plan === undefined ? 0 : Math.min(action.stepRatio, action.maxRatio, plan.fitRatio);
  if (plan === undefined || !plan.isSourceBad || ratio < LEAST_RATIO) return action;
  return { ...action, now: { ratio: rounded(ratio), to: plan.to } };
}

export function shiftGuards(
  action: PolicyAction,
  plan: (move: Shift) => ShiftPlan | undefined,
): readonly GuardVerdict[] {
  if (action.kind !== "shift") return [];
  const { now: _, ...written } = action;
  const found = plan(written);
  return [{ name: "capacity", passed: action.now !== undefined, text: whyText(action, found) }];
}

function whyText({ from, service }: Shift, plan: ShiftPlan | undefined): string {
  if (plan === undefined) return `of ${from} of ${service} nothing is known now`;
  if (!plan.isSourceBad) return `${from} is not shown to be at fault`;
  return plan.text;
}

export interface Wishes {
  readonly checked: Checked;
  /** Its condition has not held for long. */
  readonly isOver: boolean;
  /** Its time is up, whatever else may be. */
  readonly isDue: boolean;
}

/** What becomes of a shift this second; undefined: the action is none. */
export function stepShift(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { checked, isOver, isDue }: Wishes,
  at: PolicyTick,
): PolicyTurn | undefined {
  const { action } = active;
  if (!isShift(action)) return undefined;
  const stays = { state, news: [], moved: [] };
  const stepTick = active.stepTick ?? active.sinceTick;
  const plan = at.planShift(action.move, stepTick);
  const { now, everySeconds } = action.move;
  const waited = at.tick - stepTick;
  if (now === undefined || waited < SETTLE_SECONDS) return stays;
  const steps = { policy, state, active: { ...active, action }, at };
  if (plan?.over !== undefined) return shorten(steps, now, plan, plan.over);
  if (waited < everySeconds) return stays;
  if (isDue) return giveBack(steps, now, "Its time is up");
  if (plan === undefined) return stays;
  if (isOver && !plan.isSourceBad && at.mayMove(action.knob, "release") === undefined) {
    return giveBack(steps, now);
  }
  return (checked.value === true ? goOn(steps, now, plan) : undefined) ?? stays;
}

interface Steps {
  readonly policy: Policy;
  readonly state: PolicyState;
  readonly active: Active & { readonly action: ShiftInForce };
  readonly at: PolicyTick;
}

function shorten(steps: Steps, now: Shifted, plan: ShiftPlan, over: string): PolicyTurn {
  const { policy, state, active, at } = steps;
  const { stepRatio } = active.action.move;
  const ratio = plan.fitRatio < now.ratio ? plan.fitRatio : now.ratio - stepRatio;
  const why = `${over} has more than ${MOST_LOAD * 100} % of what it can carry, or is not well: ${plan.text}`;
  if (ratio >= LEAST_RATIO) {
    return step(steps, { ratio, to: plan.to }, { verdict: "shorten", why, isBack: true });
  }
  const ending = { verdict: "withdraw", because: `${why}.`, failed: false };
  return end(policy, state, active, ending, at);
}

function giveBack(steps: Steps, now: Shifted, dueWhy?: string): PolicyTurn {
  const { policy, state, active, at } = steps;
  const { stepRatio, from } = active.action.move;
  const why = dueWhy ?? `${from} is well, and its condition holds no more`;
  const ratio = now.ratio - stepRatio;
  if (ratio >= LEAST_RATIO) {
    return step(steps, { ...now, ratio }, { verdict: "give back", why, isBack: true });
  }
  const verdict = dueWhy === undefined ? "release" : "expire";
  return end(policy, state, active, { verdict, because: `${why}.`, failed: false }, at);
}

function goOn(steps: Steps, now: Shifted, plan: ShiftPlan): PolicyTurn | undefined {
  const { active, at } = steps;
  const { move, knob, nodes } = active.action;
  const ratio = Math.min(now.ratio + move.stepRatio, move.maxRatio, plan.fitRatio);
  if (!plan.isSourceBad || nodes !== undefined || ratio < now.ratio + LEAST_RATIO) return undefined;
  const isTurn = active.isBack === true;
  if (isTurn && at.mayMove(knob, "tighten") !== undefined) return undefined;
  const why = `${move.from} is not well yet, and the others have room: ${plan.text}`;
  const turn = step(steps, { ratio, to: plan.to }, { verdict: "go on", why, isBack: false });
  return isTurn ? { ...turn, moved: [knob] } : turn;
}

function step(
  { state, active, at }: Steps,
  { ratio, to }: Shifted,
  { verdict, why, isBack }: { verdict: string; why: string; isBack: boolean },
): PolicyTurn {
  const { action, ...rest } = active;
  const moved = { ...action, move: { ...action.move, now: { ratio: rounded(ratio), to } } };
  return {
    state: { ...state, active: { ...rest, action: moved, stepTick: at.tick, isBack } },
    news: [
      {
        kind: "decision",
        subject: { kind: "Policy", name: action.by.name },
        body: {
          verdict,
          because: [`${why}.`, `${describeMove(moved.move)}.`],
          action: moved,
          causes: [active.decision],
        },
      },
    ],
    moved: [],
  };
}

type ShiftInForce = ActionInForce & { readonly move: Shift };

/** A shadow stays as it was shown. */
export function isShift(action: ActionInForce | undefined): action is ShiftInForce {
  return action?.move.kind === "shift" && !action.isShadow;
}

/** Down, to a thousandth. */
function rounded(ratio: number): number {
  return Math.floor(ratio * 1000) / 1000;
}
