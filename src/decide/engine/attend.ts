import type { Policy } from "../../policy/intent/policy.ts";
import { observeVerification } from "../verification.ts";
import { conclude, type Observed } from "./conclude.ts";
import type { Checked } from "./condition.ts";
import type { Locals } from "./conditions.ts";
import { type Ending, end } from "./ending.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { isShift, stepShift } from "./shift-step.ts";
import { widen } from "./stages.ts";

/** An action is in force: does it help, has it had its time? */
export function attend(
  policy: Policy,
  state: PolicyState,
  active: Active,
  checked: Checked,
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  if (at.restsBecause?.startsWith("frozen") === true) return { state, news: [], moved: [] };
  const cut = whyCut(policy, active, at);
  if (cut !== undefined) {
    return end(policy, state, active, cut, at, cut.failed ? state.rank + 1 : 0);
  }
  const observed = observe(policy, active, at);
  const { verification, value } = observed;
  const watched: PolicyState = {
    ...state,
    active: { ...active, ...(verification !== undefined && { verification }) },
  };
  const wider =
    verification?.outcome === "harm" ? undefined : widen(policy, watched, active, value, at);
  const concluded = wider ?? conclude(policy, watched, active, observed, at);
  if (concluded !== undefined) return concluded;
  const isOver =
    checked.value === false &&
    policy.revert.ttlSeconds === undefined &&
    tick - state.whenTick >= policy.guard.minIntervalSeconds;
  const wishes = { checked, isOver, isDue: isDue(policy, active, tick) };
  const stepped = stepShift(policy, watched, watched.active ?? active, wishes, at);
  if (stepped !== undefined) return stepped;
  if (!isOver) return { state: watched, news: [], moved: [] };
  const because = `Its condition has not held for ${tick - state.whenTick} s.`;
  return end(policy, watched, active, { verdict: "release", because, failed: false }, at);
}

/** What ends it whatever it did; undefined: nothing. */
function whyCut(policy: Policy, active: Active, at: PolicyTick): Ending | undefined {
  const { verify, revert } = policy;
  if (isDue(policy, active, at.tick) && !isShift(active.action)) {
    const because = `It was to last ${revert.ttlSeconds} s.`;
    return { verdict: "expire", because, failed: false };
  }
  const refusal = at.orders.find(
    ({ what }) => what.kind === "refused" && what.action === active.action?.id,
  );
  if (refusal !== undefined) {
    const because = `${refusal.reason ?? "Some Envoys refuse it"}. What holds on some Envoys only is not what was decided.`;
    return { verdict: "revert", because, failed: true };
  }
  const watch = verify?.watch;
  if (watch === undefined || at.check(watch, watchedOf(active, at)).value !== false) {
    return undefined;
  }
  return { verdict: "revert", because: `${watch.text} no longer holds.`, failed: true };
}

function isDue({ revert }: Policy, { sinceTick }: Active, tick: number): boolean {
  return revert.ttlSeconds !== undefined && tick - sinceTick >= revert.ttlSeconds;
}

function watchedOf({ action }: Active, at: PolicyTick): Locals {
  const share = action && at.goodDenied(action);
  return share === undefined ? {} : { "good.requests.denied.share": share };
}

/** What is verified, where the action holds and, if it leaves some out, beside them. */
function observe({ verify }: Policy, { action, verification }: Active, at: PolicyTick): Observed {
  const partly = action?.nodes === undefined ? undefined : action;
  const beside = partly ?? (isShift(action) ? action : undefined);
  const value = verify && at.measure(verify, partly);
  const compared = verify && beside && at.compare(verify, beside);
  return {
    value,
    verification:
      verification && observeVerification(verification, { tick: at.tick, value, ...compared }),
    isPartial: partly !== undefined,
    isCompared: beside !== undefined,
  };
}
