import type { Policy } from "../../policy/intent/policy.ts";
import { type ActionInForce, knobOf, type MeshMove } from "../act/action.ts";
import { beginVerification } from "./begin-verification.ts";
import { idOf, type News } from "./news.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { isShift } from "./shift-step.ts";
import { atStage, modeOf, stagesOf } from "./stages.ts";
import type { Choice, Grounds } from "./take.ts";

/** The action is in force from now on, and what it is verified by begins. */
export function act(
  policy: Policy,
  state: PolicyState,
  { rank, action, measured, pCure }: Choice,
  {
    move,
    isShadow,
    checked,
    flip = `It would not have acted had \`${policy.when.text}\` been false.`,
    ...grounds
  }: Grounds & { readonly move: MeshMove | undefined; readonly isShadow: boolean },
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  const subject = { kind: "Policy" as const, name: policy.name };
  const verdict = "act";
  const decision = idOf(tick, { subject, body: { verdict, because: [] } });
  const [stage] = stagesOf(policy);
  const asked = move && toAction(policy, move, { decision, tick });
  const inForce = asked && atStage(asked, stage, policy, at);
  const isQuiet = inForce?.isShadow ?? isShadow;
  const tells = policy.then.filter((each) => each.kind === "notify");
  const runs = [action.kind === "run" ? action.runbook : [], policy.runbook ?? []].flat();
  const body: News["body"] = {
    verdict,
    because: [
      `Its condition has held since ${tick - state.whenTick} s: ${policy.when.text}.`,
      ...tells.map(({ severity, to }) => `Tells ${to} (${severity}).`),
    ],
    seen: checked.seen,
    ...grounds,
    ...(inForce !== undefined && {
      action: inForce,
      wayBack: `the document of ${inForce.knob} alone`,
    }),
    ...(runs.length > 0 && !isShadow && { runs }),
    mode: modeOf(stage),
    flip,
  };
  const active: Active = {
    action: inForce,
    rank,
    decision,
    sinceTick: tick,
    stage: 0,
    stageTick: tick,
    before: measured,
    ...(pCure !== undefined && { pCure }),
    ...(policy.verify !== undefined &&
      measured !== undefined && {
        verification: beginVerification(policy, policy.verify, {
          ...{ tick, measured, at },
          isCompared: inForce?.nodes !== undefined || isShift(inForce),
        }),
      }),
  };
  const { pending: _, ...rest } = state;
  return {
    state: { ...rest, rank, active, said: verdict },
    news: [{ kind: "action", subject, body }],
    ...(action.kind === "rollback" && !isShadow && { rollback: action.rollout }),
    moved: inForce !== undefined && !isQuiet ? [inForce.knob] : [],
  };
}

function toAction(
  policy: Policy,
  move: MeshMove,
  { decision, tick }: { readonly decision: string; readonly tick: number },
): ActionInForce {
  const { ttlSeconds } = policy.revert;
  return {
    id: `a-${decision}`,
    knob: knobOf(move),
    by: { kind: "Policy", name: policy.name },
    class: policy.class,
    move,
    sinceTick: tick,
    ...(ttlSeconds !== undefined && { untilTick: tick + ttlSeconds }),
    isShadow: false,
  };
}
