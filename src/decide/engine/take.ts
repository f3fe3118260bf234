import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { knobOf } from "../act/action.ts";
import type { GuardVerdict, RecordBody, Weighed } from "../record.ts";
import { act } from "./act-on.ts";
import { approvedEnough } from "./approval.ts";
import { phaseOf } from "./breaker.ts";
import type { Checked } from "./condition.ts";
import { idOf } from "./news.ts";
import type { PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { say } from "./say.ts";
import { beginsAsShadow } from "./stages.ts";

export interface Choice {
  readonly rank: number;
  readonly action: PolicyAction;
  readonly measured: number | undefined;
  readonly pCure: number | undefined;
  readonly affected: number | undefined;
}

export interface Grounds extends Pick<RecordBody, "believed" | "flip"> {
  readonly checked: Checked;
  readonly weighed: readonly Weighed[];
  readonly guards: readonly GuardVerdict[];
}

/** The action that was chosen, unless the Policy rests, people have to agree first, or its knob may not move now. */
export function take(
  policy: Policy,
  state: PolicyState,
  choice: Choice,
  grounds: Grounds,
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  const { checked, ...extra } = grounds;
  const { open } = state.breaker;
  const isOpen = phaseOf(state.breaker, tick) === "open";
  const rests = at.restsBecause ?? (isOpen ? `its breaker is open: ${open?.why}` : undefined);
  if (rests !== undefined) return say(policy, state, "hold", rests, checked, extra);
  const isShadow = policy.mode === "shadow";
  if (policy.approval !== undefined && !beginsAsShadow(policy)) {
    const asked = approvedEnough(policy, state, choice.rank, at, choice.affected);
    if (asked.kind === "wait") {
      const waiting = { ...state, pending: asked.pending };
      const turn = say(policy, waiting, "ask", asked.why, checked, extra);
      const pending = {
        ...asked.pending,
        decision: turn.news[0] === undefined ? asked.pending.decision : idOf(tick, turn.news[0]),
      };
      return { ...turn, state: { ...turn.state, pending } };
    }
    if (asked.kind === "no")
      return say(policy, { ...state, rank: state.rank + 1 }, "hold", asked.why, checked, extra);
  }
  const move =
    choice.action.kind === "rollback" ||
    choice.action.kind === "notify" ||
    choice.action.kind === "run"
      ? undefined
      : choice.action;
  const knob = move === undefined ? undefined : knobOf(move);
  const spent = knob === undefined || isShadow ? undefined : at.mayMove(knob, "tighten");
  if (spent !== undefined) {
    const isSpent = knob !== undefined && at.isSpent(knob);
    return { ...say(policy, state, "hold", spent, checked, extra), isSpent };
  }
  return act(policy, state, choice, { move, isShadow, ...grounds }, at);
}
