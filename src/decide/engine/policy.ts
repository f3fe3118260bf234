import type { Policy, PolicyAction, Verify } from "../../policy/automation.ts";
import { digestOf } from "../../policy/digest.ts";
import type { Expression } from "../../policy/expression.ts";
import { type ActionInForce, knobOf, type MeshMove } from "../act/action.ts";
import type { GuardVerdict, RecordBody, Weighed } from "../record.ts";
import { approvedEnough } from "./approval.ts";
import type { Checked } from "./condition.ts";
import { idOf, type News } from "./news.ts";
import type { Order } from "./order.ts";
import type { Active, PolicyState } from "./policy-state.ts";

/**
 * One Policy as a machine: when its condition holds, the first of its actions that may be taken is; what it was meant to
 * improve is watched; it stays, is taken back, or gives way to the next. A machine of plain values.
 */
export interface PolicyTick {
  readonly tick: number;
  readonly check: (condition: Expression) => Checked;
  /** Value of what is verified now, smaller is better; undefined: unknown. */
  readonly measure: (verify: Verify) => number | undefined;
  /** What speaks against an action: guardrails, floors, budgets. Empty or all passed: nothing. */
  readonly guard: (action: PolicyAction) => readonly GuardVerdict[];
  /** Whether the evidence says it helps; absent with `method: rules`. */
  readonly weigh: (
    action: PolicyAction,
    measured: number | undefined,
  ) => Weighed & { readonly isWorth: boolean };
  /** A move of the knob is still within its budget; taking it spends it. */
  readonly mayMove: (knob: string, direction: "tighten" | "release") => string | undefined;
  readonly orders: readonly Order[];
  /** Why the policy may not act now though it is enforced: frozen, maintenance, blind; undefined: it may. */
  readonly restsBecause: string | undefined;
}

export interface PolicyTurn {
  readonly state: PolicyState;
  readonly news: readonly News[];
  /** A rollout to take back. */
  readonly rollback?: string;
  /** Knobs moved this tick. */
  readonly moved: readonly string[];
}

const HOUR = 3600;
/** Failures within the hour that open the breaker, and for how long. */
const BREAKER_FAILURES = 2;
const BREAKER_OPEN_SECONDS = 1800;

export function stepPolicy(
  policy: Policy,
  known: PolicyState | undefined,
  at: PolicyTick,
): PolicyTurn {
  const key = digestOf(policy).slice(0, 16);
  const state = known?.key === key ? known : { ...fresh(key, at.tick), ...carried(known, at.tick) };
  if (policy.mode === "off") return release(policy, state, at, "it is switched off");
  const checked = at.check(policy.when);
  const seen = noteWhen(state, checked.value, at.tick);
  if (seen.active !== undefined) return attend(policy, seen, seen.active, checked, at);
  if (checked.value === undefined)
    return say(policy, seen, "hold", `unknown: ${checked.unknown.join("; ")}`, checked, at);
  if (!checked.value) return quiet(seen);
  return propose(policy, seen, checked, at);
}

function fresh(key: string, tick: number): PolicyState {
  return {
    key,
    rank: 0,
    when: undefined,
    whenTick: tick,
    failedTicks: [],
    succeededTicks: [],
    said: "",
  };
}

/** The breaker is about what was done, and outlives a change of the document. */
function carried(known: PolicyState | undefined, tick: number): Partial<PolicyState> {
  if (known === undefined) return {};
  const { failedTicks, openUntilTick } = known;
  return {
    failedTicks,
    ...(openUntilTick !== undefined && openUntilTick > tick && { openUntilTick }),
  };
}

function noteWhen(state: PolicyState, value: boolean | undefined, tick: number): PolicyState {
  return state.when === value ? state : { ...state, when: value, whenTick: tick };
}

/** The condition is false: nothing is wished, and the next time begins with the first action. */
function quiet(state: PolicyState): PolicyTurn {
  const { pending: _, ...rest } = state;
  return { state: { ...rest, rank: 0, said: "" }, news: [], moved: [] };
}

/** Which of the actions, if any. */
function propose(policy: Policy, state: PolicyState, checked: Checked, at: PolicyTick): PolicyTurn {
  const measured = policy.verify && at.measure(policy.verify);
  const weighed: Weighed[] = [];
  const guards: GuardVerdict[] = [];
  for (const [rank, action] of policy.then.entries()) {
    if (rank < state.rank || action.kind === "notify") continue;
    const worth = at.weigh(action, measured);
    weighed.push(worth);
    if (policy.method === "probabilistic" && !worth.isWorth) continue;
    const said = at.guard(action);
    guards.push(...said);
    if (said.some(({ passed }) => !passed)) continue;
    return take(policy, state, { rank, action, measured }, { checked, weighed, guards }, at);
  }
  const why =
    weighed.length === 0 ? "all its actions were tried" : "none of its actions may be taken";
  return say(policy, state, "hold", why, checked, at, { weighed, guards });
}

interface Choice {
  readonly rank: number;
  readonly action: PolicyAction;
  readonly measured: number | undefined;
}

interface Grounds {
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
  const { checked } = grounds;
  const extra = { weighed: grounds.weighed, guards: grounds.guards };
  const isOpen = state.openUntilTick !== undefined && state.openUntilTick > tick;
  const rests = at.restsBecause ?? (isOpen ? "its breaker is open after 2 failures" : undefined);
  if (rests !== undefined) return say(policy, state, "hold", rests, checked, at, extra);
  const isShadow = policy.mode === "shadow";
  if (policy.approval !== undefined && !isShadow) {
    const asked = approvedEnough(policy, state, choice.rank, at);
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
    choice.action.kind === "rollback" || choice.action.kind === "notify"
      ? undefined
      : choice.action;
  const knob = move === undefined ? undefined : knobOf(move);
  const spent = knob === undefined || isShadow ? undefined : at.mayMove(knob, "tighten");
  if (spent !== undefined) return say(policy, state, "hold", spent, checked, at, extra);
  return act(policy, state, choice, { move, isShadow, ...grounds }, at);
}

function act(
  policy: Policy,
  state: PolicyState,
  { rank, action, measured }: Choice,
  {
    move,
    isShadow,
    checked,
    weighed,
    guards,
  }: Grounds & { readonly move: MeshMove | undefined; readonly isShadow: boolean },
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  const subject = { kind: "Policy" as const, name: policy.name };
  const verdict = "act";
  const decision = idOf(tick, { subject, body: { verdict, because: [] } });
  const inForce = move && toAction(policy, move, { decision, tick, isShadow });
  const tells = policy.then.filter((each) => each.kind === "notify");
  const body: News["body"] = {
    verdict,
    because: [
      `Its condition has held since ${tick - state.whenTick} s: ${policy.when.text}.`,
      ...tells.map(({ severity, to }) => `Tells ${to} (${severity}).`),
    ],
    seen: checked.seen,
    weighed,
    guards,
    ...(inForce !== undefined && {
      action: inForce,
      wayBack: `the document of ${inForce.knob} alone`,
    }),
    mode: isShadow ? "shadow" : "enforce",
    flip: `It would not have acted had \`${policy.when.text}\` been false.`,
  };
  const active: Active = { action: inForce, rank, decision, sinceTick: tick, before: measured };
  const { pending: _, ...rest } = state;
  return {
    state: { ...rest, rank, active, said: verdict },
    news: [{ kind: "action", subject, body }],
    ...(action.kind === "rollback" && !isShadow && { rollback: action.rollout }),
    moved: inForce !== undefined && !isShadow ? [inForce.knob] : [],
  };
}

function toAction(
  policy: Policy,
  move: MeshMove,
  {
    decision,
    tick,
    isShadow,
  }: { readonly decision: string; readonly tick: number; readonly isShadow: boolean },
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
    isShadow,
  };
}

/** An action is in force: does it help, has it had its time? */
function attend(
  policy: Policy,
  state: PolicyState,
  active: Active,
  checked: Checked,
  at: PolicyTick,
): PolicyTurn {
  const { tick } = at;
  const { verify, revert } = policy;
  const age = tick - active.sinceTick;
  const isShadow = active.action?.isShadow ?? false;
  if (at.restsBecause?.startsWith("frozen") === true) return { state, news: [], moved: [] };
  if (revert.ttlSeconds !== undefined && age >= revert.ttlSeconds)
    return end(
      policy,
      state,
      active,
      { verdict: "expire", because: `It was to last ${revert.ttlSeconds} s.`, failed: false },
      at,
    );
  const measured = verify && at.measure(verify);
  const next = noteGood(active, verify, measured, tick);
  const harmed = verify?.watch !== undefined && at.check(verify.watch).value === false;
  if (revert.onHarm && !isShadow && (harmed || isWorse(verify, active.before, measured, age))) {
    const because = harmed
      ? `${verify?.watch?.text} no longer holds.`
      : `${verify?.signal} went from ${round(active.before)} to ${round(measured)}: it does harm.`;
    return end(
      policy,
      state,
      active,
      { verdict: "revert", because, failed: true },
      at,
      state.rank + 1,
    );
  }
  if (
    verify !== undefined &&
    next.verdict === undefined &&
    next.goodSinceTick !== undefined &&
    tick - next.goodSinceTick >= verify.sustainedSeconds
  ) {
    return settle(
      policy,
      {
        ...state,
        succeededTicks: recent([...state.succeededTicks, tick], tick),
        active: { ...next, verdict: "success" },
      },
      active,
      `${verify.signal} is ${round(measured)} and has been as wished for ${verify.sustainedSeconds} s.`,
      "success",
      at,
    );
  }
  if (
    verify !== undefined &&
    next.verdict === undefined &&
    age >= (revert.onNoEffectSeconds ?? verify.withinSeconds) &&
    next.goodSinceTick === undefined &&
    !isShadow
  ) {
    const because = `${verify.signal} went from ${round(active.before)} to ${round(measured)} within ${age} s: it did not help.`;
    return end(
      policy,
      state,
      active,
      { verdict: "no effect", because, failed: true },
      at,
      state.rank + 1,
    );
  }
  const isOver =
    checked.value === false &&
    revert.ttlSeconds === undefined &&
    tick - state.whenTick >= policy.guard.minIntervalSeconds;
  if (isOver)
    return end(
      policy,
      state,
      active,
      {
        verdict: "release",
        because: `Its condition has not held for ${tick - state.whenTick} s.`,
        failed: false,
      },
      at,
    );
  return { state: { ...state, active: next }, news: [], moved: [] };
}

function noteGood(
  active: Active,
  verify: Verify | undefined,
  measured: number | undefined,
  tick: number,
): Active {
  if (verify === undefined || measured === undefined) return active;
  const { goodSinceTick: _, ...rest } = active;
  if (!isGood(verify, active.before, measured)) return rest;
  return { ...active, goodSinceTick: active.goodSinceTick ?? tick };
}

function isGood({ improve }: Verify, before: number | undefined, measured: number): boolean {
  if (improve.kind === "burnBelow") return measured < improve.burn;
  if (improve.kind === "below") return measured < improve.value;
  return before !== undefined && measured <= before * (1 - improve.ratio);
}

/** Half as bad again as it was, after it had time to act. */
const HARM_RATIO = 1.5;
const HARM_AFTER_SECONDS = 15;

function isWorse(
  verify: Verify | undefined,
  before: number | undefined,
  measured: number | undefined,
  age: number,
): boolean {
  if (
    verify === undefined ||
    before === undefined ||
    measured === undefined ||
    age < HARM_AFTER_SECONDS
  )
    return false;
  return !isGood(verify, before, measured) && measured > before * HARM_RATIO && before > 0;
}

function settle(
  policy: Policy,
  state: PolicyState,
  active: Active,
  because: string,
  verdict: string,
  at: PolicyTick,
): PolicyTurn {
  void at;
  return { state, news: [outcome(policy, active, verdict, because)], moved: [] };
}

interface Ending {
  readonly verdict: string;
  readonly because: string;
  readonly failed: boolean;
}

/** Takes the action back. Releasing waits for its budget, harm never does. */
function end(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { verdict, because, failed }: Ending,
  at: PolicyTick,
  rank = 0,
): PolicyTurn {
  const { tick } = at;
  const knob = active.action?.isShadow === false ? active.action.knob : undefined;
  const waits =
    knob !== undefined && !failed && verdict === "release"
      ? at.mayMove(knob, "release")
      : undefined;
  if (waits !== undefined) return { state, news: [], moved: [] };
  const failedTicks = failed ? recent([...state.failedTicks, tick], tick) : state.failedTicks;
  const opens = failed && failedTicks.length >= BREAKER_FAILURES;
  const { active: _, ...rest } = state;
  const open: News[] = opens ? [brokenNews(policy, active)] : [];
  return {
    state: {
      ...rest,
      rank,
      failedTicks,
      said: "",
      ...(opens && { openUntilTick: tick + BREAKER_OPEN_SECONDS }),
    },
    news: [outcome(policy, active, verdict, because), ...open],
    moved: knob === undefined ? [] : [knob],
  };
}

function brokenNews(policy: Policy, active: Active): News {
  const because = `It failed ${BREAKER_FAILURES} times within an hour; for ${BREAKER_OPEN_SECONDS / 60} minutes it only says what it would do. A person should look.`;
  return { ...outcome(policy, active, "open breaker", because), kind: "decision" };
}

function release(policy: Policy, state: PolicyState, at: PolicyTick, why: string): PolicyTurn {
  if (state.active === undefined) return quiet(state);
  return end(
    policy,
    state,
    state.active,
    { verdict: "withdraw", because: `${why}.`, failed: false },
    at,
  );
}

function outcome(policy: Policy, active: Active, verdict: string, because: string): News {
  return {
    kind: "outcome",
    subject: { kind: "Policy", name: policy.name },
    body: {
      verdict,
      because: [because],
      causes: [active.decision],
      ...(active.action && { action: active.action }),
    },
  };
}

/** The same thing twice is told once. */
function say(
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

function recent(ticks: readonly number[], now: number): readonly number[] {
  return ticks.filter((tick) => now - tick < HOUR);
}

function round(value: number | undefined): string {
  return value === undefined ? "unknown" : `${Number(value.toPrecision(3))}`;
}
