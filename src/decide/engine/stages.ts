import type { Policy } from "../../policy/intent/policy.ts";
import type { ActionInForce } from "../act/action.ts";
import { allBut, shareOf } from "../act/node-share.ts";
import type { Seen } from "../record.ts";
import { approvedEnough } from "./approval.ts";
import { beginVerification } from "./begin-verification.ts";
import { end } from "./ending.ts";
import { idOf } from "./news.ts";
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

/** It changes nothing yet, so nobody has to approve it yet. */
export function beginsAsShadow(policy: Policy): boolean {
  return stagesOf(policy)[0].kind === "shadow";
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
  if (stage.kind === "shadow") {
    const held = afterShadow(policy, state, { active, action, shadow }, at);
    if (held !== undefined) return held;
  }
  const { pending: _asked, ...settled } = state;
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
      ...settled,
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

/** What guardrails and people say now that it is known what it would touch; undefined: it may go on. */
function afterShadow(
  policy: Policy,
  state: PolicyState,
  { active, action, shadow }: { active: Active; action: ActionInForce; shadow: ShadowSaid },
  at: PolicyTick,
): PolicyTurn | undefined {
  const seen = shadow.seen === undefined ? {} : { seen: shadow.seen };
  const affected = shadow.share ?? at.affected(action.move);
  const stop = (because: string) =>
    end(
      policy,
      state,
      active,
      { verdict: "withdraw", because, failed: false, ...seen },
      at,
      active.rank + 1,
    );
  const forbidden = at.guard(action.move, affected).find(({ passed }) => !passed);
  if (forbidden !== undefined) return stop(`${forbidden.name} forbids it: ${forbidden.text}.`);
  const asked = approvedEnough(policy, state, active.rank, at, affected);
  if (asked.kind === "yes") return undefined;
  if (asked.kind === "no")
    return stop(`${asked.why.charAt(0).toUpperCase()}${asked.why.slice(1)}.`);
  const subject = { kind: "Policy" as const, name: policy.name };
  const body = {
    ...{ verdict: "ask", because: [`It ${asked.why}.`], ...seen },
    ...{ action, mode: "shadow" as const, causes: [active.decision] },
  };
  const isNew = asked.pending.decision === "";
  const decision = isNew ? idOf(at.tick, { subject, body }) : asked.pending.decision;
  return {
    state: { ...state, pending: { ...asked.pending, decision } },
    news: isNew ? [{ kind: "decision", subject, body }] : [],
    moved: [],
  };
}

export function modeOf(stage: Stage): "shadow" | "canary" | "enforce" {
  return stage.kind === "whole" ? "enforce" : stage.kind;
}

interface ShadowSaid {
  /** Of the requests; absent: not known. */
  readonly share?: number;
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
  if (most === undefined || share <= most) return { seen, share };
  const tooMuch = `It would have touched ${percent(share)} of the requests, and may touch ${percent(most)}.`;
  return { seen, share, tooMuch };
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
