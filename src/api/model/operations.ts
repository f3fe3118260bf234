import type { ActionProgress, ActionTracker, NodeState } from "../../control/action-progress.ts";
import { type ActionInForce, describeMove } from "../../decide/act/action.ts";
import { holding, waiting } from "../../decide/engine/overrides.ts";
import type { EngineState } from "../../decide/engine/state.ts";
import { verdict } from "../../decide/stats/canary.ts";
import type { Rollout, RolloutStep } from "../../policy/intent/rollout.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type {
  ActionDetail,
  ActionView,
  ApprovalView,
  FreezeView,
  OverrideView,
  RolloutView,
} from "../view/operation.ts";
import { timeOf } from "./decisions.ts";

/** What is going on now, from the engine's own state. */
export function rolloutViews(policySet: PolicySet, { rollouts }: EngineState): RolloutView[] {
  return policySet.rollouts.flatMap((rollout) => {
    const state = rollouts[rollout.name];
    if (state === undefined) return [];
    const { counts, signals } = verdict(state.evidence);
    return [
      {
        name: rollout.name,
        service: rollout.service,
        stable: rollout.stable,
        canary: rollout.canary,
        phase: state.phase,
        percent: state.percent,
        startedAt: timeOf(state.startTick),
        stepSince: timeOf(state.stepTick),
        ...(state.phase === "rolled back" &&
          state.lockedUntilTick !== undefined && { lockedUntil: timeOf(state.lockedUntilTick) }),
        why: state.why,
        steps: rollout.steps.map((step, at) => ({
          text: stepText(step),
          state: stepState(at, state.step, state.phase),
        })),
        signals: signals.map(({ name, eWorse, limit }) => ({ name, evidence: eWorse, limit })),
        arms: [
          { version: rollout.stable, ...counts.stable },
          { version: rollout.canary, ...counts.canary },
        ].map(({ version, requests, errors }) => ({ version, requests, errors })),
      },
    ];
  });
}

function stepText(step: RolloutStep): string {
  if (step.kind === "hold") return `wait for ${step.role}`;
  return step.forSeconds === 0 ? `${step.percent} %` : `${step.percent} % for ${step.forSeconds} s`;
}

function stepState(at: number, now: number, phase: RolloutView["phase"]): "done" | "now" | "next" {
  if (phase === "promoted") return "done";
  if (at === now) return phase === "rolled back" ? "next" : "now";
  return at < now ? "done" : "next";
}

type Tracker = Pick<ActionTracker, "of">;

export function actionViews(actions: readonly ActionInForce[], tracker: Tracker): ActionView[] {
  return actions
    .map((action) => actionViewOf(action, tracker.of(action.id)))
    .sort((a, b) => (a.since > b.since ? -1 : 1));
}

/** Undefined: it is not known, or no more. */
export function actionDetailOf(
  id: string,
  actions: readonly ActionInForce[],
  tracker: Tracker,
): ActionDetail | undefined {
  const progress = tracker.of(id);
  const inForce = actions.find((each) => each.id === id);
  const action = inForce ?? progress?.action;
  if (action === undefined) return undefined;
  const { outcome = "applying", nodes = [] } = progress ?? {};
  return {
    ...actionViewOf(action, progress),
    isOver: inForce === undefined,
    outcome,
    nodes: nodes.map(({ nodeId: node, ...rest }) => ({ node, ...rest })),
  };
}

function actionViewOf(action: ActionInForce, progress: ActionProgress | undefined): ActionView {
  const { id, knob, by, class: kind, move, sinceTick, untilTick, isShadow } = action;
  return {
    id,
    text: describeMove(move),
    knob,
    by,
    class: kind,
    since: timeOf(sinceTick),
    ...(untilTick !== undefined && { until: timeOf(untilTick) }),
    isShadow,
    ...(id.startsWith("a-") && { decision: id.slice(2) }),
    ...(progress !== undefined && { progress: countsOf(progress) }),
  };
}

function countsOf({ nodes }: ActionProgress): NonNullable<ActionView["progress"]> {
  const count = (...states: readonly NodeState[]) =>
    nodes.filter(({ state }) => states.includes(state)).length;
  return { acked: count("acked", "observed"), refused: count("refused"), total: nodes.length };
}

export function approvalViews(policySet: PolicySet, { policies }: EngineState): ApprovalView[] {
  return policySet.policies
    .flatMap(({ name, approval, then }) => {
      const pending = policies[name]?.pending;
      if (approval === undefined || pending === undefined) return [];
      const action = then[pending.rank];
      const moves =
        action !== undefined &&
        action.kind !== "notify" &&
        action.kind !== "rollback" &&
        action.kind !== "run";
      return [
        {
          decision: pending.decision,
          policy: name,
          text: moves ? describeMove(action) : (action?.kind ?? ""),
          need: approval.need,
          from: [...approval.from],
          approvedBy: pending.approvedBy,
          since: timeOf(pending.sinceTick),
          until: timeOf(pending.sinceTick + approval.withinSeconds),
          else: approval.else,
        },
      ];
    })
    .sort((a, b) => (a.since < b.since ? -1 : 1));
}

/** Overrides that break the glass once two people agreed. */
export function glassApprovals({ overrides }: EngineState, tick: number): ApprovalView[] {
  return waiting(overrides, tick).map(({ id, knob, value, sinceTick, untilTick, glass }) => ({
    decision: id,
    policy: `Override ${id.split("/")[1]}`,
    text: `break the glass: ${knob} at ${value} for ${glass?.ttlSeconds} s`,
    need: 2,
    from: ["two people"],
    approvedBy: [...(glass?.agreed ?? [])],
    since: timeOf(sinceTick),
    until: timeOf(untilTick),
    else: "deny",
  }));
}

export function overrideViews({ overrides }: EngineState, tick: number): OverrideView[] {
  return holding(overrides, tick).map(({ id, by, reason, knob, value, glass, ...times }) => ({
    id,
    ...(glass !== undefined && { brokenBy: [...glass.agreed] }),
    by,
    isClaimed: id.startsWith("document/"),
    reason,
    knob,
    value,
    since: timeOf(times.sinceTick),
    until: timeOf(times.untilTick),
  }));
}

export function freezeView({ frozen }: EngineState): FreezeView {
  if (frozen === undefined) return { isFrozen: false };
  const { by, reason, sinceTick } = frozen;
  return { isFrozen: true, by, reason, since: timeOf(sinceTick) };
}

/** A rollout by name, for the one who gives an order about it. */
export function findRollout(policySet: PolicySet, name: string): Rollout | undefined {
  return policySet.rollouts.find((each) => each.name === name);
}
