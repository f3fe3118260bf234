import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { type ActionInForce, knobOf, type MeshMove } from "../act/action.ts";
import type { GuardVerdict, RecordBody, Weighed } from "../record.ts";
import { doubtOf } from "../stats/drift.ts";
import { approvedEnough } from "./approval.ts";
import { beginVerification } from "./begin-verification.ts";
import { phaseOf } from "./breaker.ts";
import type { Checked } from "./condition.ts";
import type { Tried } from "./cures.ts";
import { methodOf } from "./drift-watch.ts";
import { idOf, type News } from "./news.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { isShift } from "./shift-step.ts";
import { atStage, beginsAsShadow, modeOf, stagesOf } from "./stages.ts";
import type { Weighing } from "./weigh.ts";

/** Which of the actions, if any: the first of the list that is worth it and that the guards let pass. */
export function propose(
  policy: Policy,
  state: PolicyState,
  checked: Checked,
  at: PolicyTick,
): PolicyTurn {
  const tells = policy.then.filter((each) => each.kind === "notify");
  if (tells.length === policy.then.length) {
    const verdict = policy.mode === "shadow" ? "would tell" : "tell";
    const whom = tells.map(({ severity, to }) => `${to} (${severity})`).join(", ");
    return say(policy, state, verdict, `tells ${whom}: ${policy.when.text}`, checked, at);
  }
  const measured = policy.verify && at.measure(policy.verify);
  const actions = policy.then.map((written) =>
    written.kind === "notify" ? written : at.resolve(written),
  );
  const weighing = at.weigh(actions, {
    measured,
    method: methodOf(policy, state.watch, at.tick),
    claims: checked.claims,
    doubt: doubtOf(state.watch.drift),
    triedOf: (rank) => state.tried[rank] ?? UNTRIED,
  });
  const guards: GuardVerdict[] = [];
  const grounds = (chosen?: number): Grounds => ({
    checked,
    guards,
    ...told(policy, weighing, chosen),
  });
  let isTried = false;
  for (const [rank, action] of actions.entries()) {
    if (rank < state.rank || action?.kind === "notify") continue;
    isTried = true;
    if (action === undefined) {
      const text = "the signal lacks a label that the action names";
      guards.push({ name: "labels", passed: false, text });
      continue;
    }
    const choice = weighing.choices[rank];
    if (choice?.isWorth !== true) continue;
    // A shadow refuses nobody; what it would is asked once it is known.
    const isSeenFirst = action.kind === "deny" && beginsAsShadow(policy);
    const affected = isSeenFirst ? 0 : at.affected(action);
    const said = at.guard(action, affected);
    guards.push(...said);
    if (said.some(({ passed }) => !passed)) continue;
    return take(
      policy,
      state,
      { rank, action, measured, pCure: choice.pCure, affected },
      grounds(rank),
      at,
    );
  }
  const why = isTried ? "none of its actions may be taken" : "all its actions were tried";
  const { checked: _, ...extra } = grounds();
  return say(policy, state, "hold", why, checked, at, extra);
}

/** What was weighed, for a person: the chosen, the best of the others, and doing nothing. */
function told(
  { then }: Policy,
  { choices, nothing, believed }: Weighing,
  chosen?: number,
): Pick<Grounds, "believed" | "weighed" | "flip"> {
  const others = choices.flatMap(({ weighed: { gain } }, rank) =>
    rank === chosen || gain === undefined ? [] : [{ rank, gain }],
  );
  const best = others.toSorted((a, b) => b.gain - a.gain)[0]?.rank;
  const weighed = choices.flatMap((choice, rank): Weighed[] => {
    if (then[rank]?.kind === "notify") return [];
    const place = rank === chosen ? "chosen" : rank === best ? "runner-up" : undefined;
    return [{ ...choice.weighed, ...(place !== undefined && { place }) }];
  });
  const flip = choices[chosen ?? best ?? -1]?.flip;
  return {
    ...(believed.length > 0 && { believed }),
    weighed: nothing === undefined ? weighed : [...weighed, nothing],
    ...(flip !== undefined && { flip }),
  };
}

interface Choice {
  readonly rank: number;
  readonly action: PolicyAction;
  readonly measured: number | undefined;
  readonly pCure: number | undefined;
  readonly affected: number | undefined;
}

interface Grounds extends Pick<RecordBody, "believed" | "flip"> {
  readonly checked: Checked;
  readonly weighed: readonly Weighed[];
  readonly guards: readonly GuardVerdict[];
}

function take(
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
  if (rests !== undefined) return say(policy, state, "hold", rests, checked, at, extra);
  const isShadow = policy.mode === "shadow";
  if (policy.approval !== undefined && !beginsAsShadow(policy)) {
    const asked = approvedEnough(policy, state, choice.rank, at, choice.affected);
    if (asked.kind === "wait") {
      const turn = say(
        policy,
        { ...state, pending: asked.pending },
        "ask",
        asked.why,
        checked,
        at,
        extra,
      );
      const pending = {
        ...asked.pending,
        decision: turn.news[0] === undefined ? asked.pending.decision : idOf(tick, turn.news[0]),
      };
      return { ...turn, state: { ...turn.state, pending } };
    }
    if (asked.kind === "no")
      return say(policy, { ...state, rank: state.rank + 1 }, "hold", asked.why, checked, at, extra);
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
    return { ...say(policy, state, "hold", spent, checked, at, extra), isSpent };
  }
  return act(policy, state, choice, { move, isShadow, ...grounds }, at);
}

function act(
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

const UNTRIED: Tried = { helped: 0, failed: 0 };

/** The same thing twice is told once. */
export function say(
  policy: Policy,
  state: PolicyState,
  verdict: string,
  why: string,
  checked: Checked,
  at: PolicyTick,
  more: Partial<RecordBody> = {},
): PolicyTurn {
  void at;
  const said = `${verdict} ${why.replace(/[\d.]+/g, "")}`;
  if (said === state.said) return { state, news: [], moved: [] };
  const news: News = {
    kind: "decision",
    subject: { kind: "Policy", name: policy.name },
    body: {
      verdict,
      because: [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`],
      seen: checked.seen,
      ...more,
    },
  };
  return { state: { ...state, said }, news: [news], moved: [] };
}
