import type { Policy } from "../../policy/automation.ts";
import type { ActionInForce } from "../act/action.ts";
import { allBut, shareOf } from "../act/node-share.ts";
import type { Seen } from "../record.ts";
import { beginVerification } from "./begin-verification.ts";
import { end } from "./ending.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { isShift } from "./shift-step.ts";

/**
 * How far an action reaches, and from stage to stage further: as a shadow, on some Envoys, on all but those that are held
 * back for comparison. Harm at any stage takes all of it back; a stage that cannot be judged lasts.
 */
export interface Stage {
  readonly kind: "shadow" | "canary" | "whole";
  /** Absent: the last. */
  readonly seconds?: number;
}

export function stagesOf({ mode, canary, guard }: Policy): readonly [Stage, ...Stage[]] {
  if (mode === "shadow") return [{ kind: "shadow" }];
  const { shadowFirstSeconds } = guard;
  const before: Stage[] = [
    ...(shadowFirstSeconds === undefined
      ? []
      : [{ kind: "shadow" as const, seconds: shadowFirstSeconds }]),
    ...(mode === "canary" && canary !== undefined
      ? [{ kind: "canary" as const, seconds: canary.forSeconds }]
      : []),
  ];
  const [first, ...rest] = [...before, { kind: "whole" as const }];
  return [first ?? { kind: "whole" }, ...rest];
}

/** The action as it is in force at a stage. */
export function atStage(
  action: ActionInForce,
  stage: Stage,
  policy: Policy,
  at: PolicyTick,
): ActionInForce {
  const { nodes: _, ...rest } = action;
  const { canary, verify } = policy;
  const ids = at.nodesOf(action.move);
  const nodes =
    stage.kind === "canary" && canary !== undefined
      ? shareOf(action.id, canary.nodesRatio, ids)
      : stage.kind === "whole" && verify?.holdBackRatio !== undefined
        ? allBut(action.id, verify.holdBackRatio, ids)
        : undefined;
  return { ...rest, isShadow: stage.kind === "shadow", ...(nodes !== undefined && { nodes }) };
}

/** The next stage, once this one has had its time; undefined: it stays. `measured`: what is verified. */
export function widen(
  policy: Policy,
  state: PolicyState,
  active: Active,
  measured: number | undefined,
  at: PolicyTick,
): PolicyTurn | undefined {
  const { action } = active;
  const stages = stagesOf(policy);
  const [stage, next] = [stages[active.stage], stages[active.stage + 1]];
  if (action === undefined || stage?.seconds === undefined || next === undefined) return undefined;
  if (at.tick - active.stageTick < stage.seconds) return undefined;
  if (policy.verify !== undefined && measured === undefined) return undefined;
  const shadow = stage.kind === "shadow" ? shadowOf(policy, action, at) : SILENT;
  if (shadow === undefined) return undefined;
  const seen = shadow.seen === undefined ? {} : { seen: shadow.seen };
  if (shadow.tooMuch !== undefined) {
    const ending = { verdict: "revert", because: shadow.tooMuch, failed: true, ...seen };
    return end(policy, state, active, ending, at, active.rank + 1);
  }
  const wider = atStage(action, next, policy, at);
  const { verification: _, ...rest } = active;
  const told = {
    verdict: "widen",
    because: [`As ${stage.kind} it has stood for ${stage.seconds} s, and did no harm.`],
    ...seen,
    action: wider,
    mode: modeOf(next),
    causes: [active.decision],
  };
  const { verify } = policy;
  const before = active.before ?? measured;
  return {
    state: {
      ...state,
      active: {
        ...rest,
        action: wider,
        stage: active.stage + 1,
        stageTick: at.tick,
        // The goal is of what was before the action: those it holds on already have reached it.
        ...(verify !== undefined &&
          before !== undefined && {
            before,
            verification: beginVerification(policy, verify, {
              ...{ tick: at.tick, measured: before, at },
              isCompared: wider.nodes !== undefined || isShift(wider),
            }),
          }),
      },
    },
    news: [{ kind: "decision", subject: { kind: "Policy", name: policy.name }, body: told }],
    moved: stage.kind === "shadow" ? [action.knob] : [],
  };
}

export function modeOf(stage: Stage): "shadow" | "canary" | "enforce" {
  return stage.kind === "whole" ? "enforce" : stage.kind;
}

interface ShadowSaid {
  readonly seen?: readonly Seen[];
  /** Why it may not go on. */
  readonly tooMuch?: string;
}

const SILENT: ShadowSaid = {};

/** What the shadow would have touched; undefined: it is not known, and has to be. */
function shadowOf(
  { guard }: Policy,
  action: ActionInForce,
  at: PolicyTick,
): ShadowSaid | undefined {
  const most = guard.maxTrafficShare;
  const touched = at.touchedBy(action);
  if (touched === undefined)
    return action.move.kind === "deny" && most !== undefined ? undefined : SILENT;
  const { refused, judged } = touched;
  const share = refused / judged;
  const value = `${refused} of ${judged}, ${percent(share)}`;
  const threshold = most === undefined ? {} : { threshold: `at most ${percent(most)}` };
  const seen = [{ what: "shadow: requests it would have refused", value, ...threshold }];
  if (most === undefined || share <= most) return { seen };
  const tooMuch = `It would have touched ${percent(share)} of the requests, and may touch ${percent(most)}.`;
  return { seen, tooMuch };
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
