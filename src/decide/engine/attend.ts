import type { Policy } from "../../policy/intent/policy.ts";
import { observeVerification, type Verification } from "../verification.ts";
import type { Checked } from "./condition.ts";
import type { Locals } from "./conditions.ts";
import { type Ending, end, outcome, recent } from "./ending.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { isShift, stepShift } from "./shift-step.ts";
import { stagesOf, widen } from "./stages.ts";

/** An action is in force: does it help, has it had its time? */
export function attend(
  policy: Policy,
  state: PolicyState,
  active: Active,
  checked: Checked,
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  const { verify, revert } = policy;
  const next = state.rank + 1;
  if (at.restsBecause?.startsWith("frozen") === true) return { state, news: [], moved: [] };
  const isDue = revert.ttlSeconds !== undefined && tick - active.sinceTick >= revert.ttlSeconds;
  if (isDue && !isShift(active.action)) {
    const because = `It was to last ${revert.ttlSeconds} s.`;
    return end(policy, state, active, { verdict: "expire", because, failed: false }, at);
  }
  const refusal = at.orders.find(
    ({ what }) => what.kind === "refused" && what.action === active.action?.id,
  );
  if (refusal !== undefined) {
    const because = `${refusal.reason ?? "Some Envoys refuse it"}. What holds on some Envoys only is not what was decided.`;
    return end(policy, state, active, { verdict: "revert", because, failed: true }, at, next);
  }
  if (
    verify?.watch !== undefined &&
    at.check(verify.watch, watchedOf(active, at)).value === false
  ) {
    const because = `${verify.watch.text} no longer holds.`;
    return end(policy, state, active, { verdict: "revert", because, failed: true }, at, next);
  }
  const partly = active.action?.nodes === undefined ? undefined : active.action;
  const value = verify && at.measure(verify, partly);
  const known = active.verification;
  const beside = partly ?? (isShift(active.action) ? active.action : undefined);
  const compared = verify && beside && at.compare(verify, beside);
  const verification = known && observeVerification(known, { tick, value, ...compared });
  const watched: PolicyState = {
    ...state,
    active: { ...active, ...(verification !== undefined && { verification }) },
  };
  const isNews =
    verification !== undefined &&
    verification.outcome !== known?.outcome &&
    // Before it is everywhere it can only do harm: what good it does is said of the whole.
    (verification.outcome === "harm" || stagesOf(policy)[active.stage]?.seconds === undefined);
  const wider =
    verification?.outcome === "harm" ? undefined : widen(policy, watched, active, value, at);
  if (wider !== undefined) return wider;
  if (isNews && verify !== undefined) {
    const went = `${verify.signal} went from ${round(active.before)} to ${round(value)}`;
    switch (verification.outcome) {
      case "success": {
        const long = `${went} for ${verify.sustainedSeconds} s`;
        const because =
          beside === undefined
            ? `${long}, and at once: by itself it would hardly have.`
            : partly === undefined
              ? `${long}: where its traffic goes, ${countsText(verification)} where it stays.`
              : `${long} where it holds: ${countsText(verification)} where it was held back. Now it holds everywhere.`;
        const succeededTicks = recent([...state.succeededTicks, tick], tick);
        const settled = { ...watched, ...everywhere(watched), succeededTicks };
        return settle(policy, settled, active, { verdict: "success", because });
      }
      case "recovered": {
        const because = `${went}, but not so soon after the action that the action must be why.`;
        return settle(policy, watched, active, { verdict: "recovered", because });
      }
      case "harm":
        if (!revert.onHarm || active.action?.isShadow === true) break;
        return end(
          policy,
          state,
          active,
          {
            verdict: "revert",
            because: `${went}: worse than was to be expected without it.`,
            failed: true,
          },
          at,
          next,
        );
      case "no effect":
        if (active.action?.isShadow === true) break;
        return end(
          policy,
          state,
          active,
          { verdict: "no effect", because: `${went}: it did not help.`, failed: true },
          at,
          next,
        );
      default:
    }
  }
  const isOver =
    checked.value === false &&
    revert.ttlSeconds === undefined &&
    tick - state.whenTick >= policy.guard.minIntervalSeconds;
  const wishes = { checked, isOver, isDue };
  const stepped = stepShift(policy, watched, watched.active ?? active, wishes, at);
  if (stepped !== undefined) return stepped;
  if (!isOver) return { state: watched, news: [], moved: [] };
  const because = `Its condition has not held for ${tick - state.whenTick} s.`;
  return end(policy, watched, active, { verdict: "release", because, failed: false }, at);
}

function watchedOf({ action }: Active, at: PolicyTick): Locals {
  const share = action && at.goodDenied(action);
  return share === undefined ? {} : { "good.requests.denied.share": share };
}

/** What is shown to help is kept from nobody any longer. */
function everywhere({ active }: PolicyState): Pick<PolicyState, "active"> | undefined {
  if (active?.action?.nodes === undefined) return undefined;
  const { nodes: _, ...action } = active.action;
  return { active: { ...active, action } };
}

function countsText({ holdBack }: Verification): string {
  if (holdBack === undefined) return "nothing was compared";
  const { treated, held } = holdBack;
  return `${treated.bad} bad of ${treated.of}, beside ${held.bad} of ${held.of}`;
}

function settle(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { verdict, because }: Omit<Ending, "failed">,
): PolicyTurn {
  return { state, news: [outcome(policy, active, verdict, because)], moved: [] };
}

function round(value: number | undefined): string {
  return value === undefined ? "unknown" : `${Number(value.toPrecision(3))}`;
}
