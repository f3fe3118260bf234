import type { Evidence } from "../../evidence/evidence.ts";
import type {
  Guardrail,
  Maintenance,
  Policy,
  PolicyAction,
  Rollout,
  Scope,
} from "../../policy/automation.ts";
import type { Expression } from "../../policy/expression.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { type ActionInForce, knobOf, serviceOf } from "../act/action.ts";
import type { MovesOf } from "../act/effective.ts";
import type { DecisionRecord, GuardVerdict } from "../record.ts";
import { stepAlerts } from "./alerts.ts";
import { voteNews } from "./approval.ts";
import { breakerGuard, stepBreaker, whyBroken } from "./automation-breaker.ts";
import { breakerNews } from "./breaker-news.ts";
import { isSpent, move, UNMOVED, whyNotMove } from "./budget.ts";
import type { Checked } from "./condition.ts";
import { check, type Locals } from "./conditions.ts";
import { denialGuards, guarded } from "./denial-guards.ts";
import { guardVerdicts, predict } from "./guardrails.ts";
import { instrumentOf } from "./instrument.ts";
import { shiftPlan } from "./locality-load.ts";
import { isOpen } from "./maintenance.ts";
import { compare, historyOf, measure, touchedBy } from "./measure.ts";
import { type News, toRecord } from "./news.ts";
import type { Order } from "./order.ts";
import { canaryShareOf, holding, stepOverrides, toActions } from "./overrides.ts";
import { stepPolicy } from "./policy.ts";
import type { PolicyTurn } from "./policy-tick.ts";
import { problemOf } from "./problem.ts";
import { promotedMode, stepPromotions } from "./promotion.ts";
import { resolveLabels } from "./resolve.ts";
import { type RolloutState, type RolloutTick, stepRollout, weightsOf } from "./rollout.ts";
import { firstStep, shiftGuards } from "./shift-step.ts";
import type { EngineState } from "./state.ts";
import { withTraces } from "./traces.ts";
import { weigh } from "./weigh.ts";

/**
 * The engine of one tick: what was, the intent, the evidence and what people ordered in; what is in force from now on and
 * what there is to tell out. Pure: no clock, no randomness, no I/O. No Policy reads what another did in the same tick, so
 * neither their order nor that of their files matters.
 */
export interface TickInput {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  /** Second of Unix time. */
  readonly tick: number;
  /** Since the tick before, oldest first. */
  readonly orders: readonly Order[];
  /** Ids of the Envoys that count requests of a service; undefined: of all Envoys. */
  readonly nodesOf?: (service: string | undefined) => readonly string[];
  /** Share of the Envoys that refuse something they were sent; absent: none does. */
  readonly refusedRatio?: number;
}

export interface Turn {
  readonly state: EngineState;
  readonly records: readonly DecisionRecord[];
  /** By id. */
  readonly actions: readonly ActionInForce[];
}

export function step(before: EngineState, input: TickInput): Turn {
  const { policySet, tick, orders } = input;
  const frozen = stepFreeze(before, orders, tick);
  const overridden = stepOverrides(before.overrides, policySet.overrides, orders, tick);
  const held = holding(overridden.overrides, tick);
  const basis: Basis = { ...input, before, held, isFrozen: frozen.state !== undefined };
  const policies = policySet.policies.map((policy) => ({ policy, turn: turnOf(policy, basis) }));
  const rollbacks = policies.flatMap(({ policy, turn }) =>
    turn.rollback === undefined
      ? []
      : [
          {
            by: `Policy ${policy.name}`,
            roles: [],
            what: { kind: "abort" as const, rollout: turn.rollback },
          },
        ],
  );
  const rollouts = policySet.rollouts.map((rollout) => {
    const mine = [...orders, ...rollbacks].filter(
      ({ what }) => "rollout" in what && what.rollout === rollout.name,
    );
    const turn = stepRollout(rollout, before.rollouts[rollout.name], {
      tick,
      evidence: input.evidence,
      orders: mine,
      isFrozen: basis.isFrozen,
      ...pinOf(rollout, basis),
      guard: (percent) => [
        ...breakerGuard(before.breaker, tick),
        ...canaryGuards(basis, rollout, percent),
      ],
    });
    return { rollout, turn };
  });
  const alerted = stepAlerts(before.alerts, input);
  const breaker = stepBreaker(
    before.breaker,
    policies.flatMap(({ turn }) => turn.strain ?? []),
    input,
  );
  const promotions = stepPromotions(before.promoted, policySet, orders, tick);
  const gone = goneNews(before, policySet);
  const news: News[] = [
    ...frozen.news,
    ...gone,
    ...overridden.news,
    ...voteNews(policySet.policies, before.policies, orders),
    ...policies.flatMap(({ turn }) => turn.news),
    ...rollouts.flatMap(({ turn }) => turn.news),
    ...alerted.news,
    ...promotions.news,
    ...breakerNews({ kind: "Engine", name: "automation" }, before.breaker, breaker),
  ];
  const records = news
    .map((each) => toRecord(each, { tick, policySetDigest: policySet.digest }))
    .map((each) => withTraces(each, input));
  const state: EngineState = {
    rollouts: Object.fromEntries(rollouts.map(({ rollout, turn }) => [rollout.name, turn.state])),
    policies: Object.fromEntries(policies.map(({ policy, turn }) => [policy.name, turn.state])),
    knobs: moveKnobs(
      before.knobs,
      policies.map(({ turn }) => turn),
      tick,
    ),
    overrides: overridden.overrides,
    alerts: alerted.alerts,
    breaker,
    promoted: promotions.promoted,
    ...(frozen.state !== undefined && { frozen: frozen.state }),
    actedTicks: noteActed(before.actedTicks, records, tick),
  };
  return { state, records, actions: actionsInForce(state, policySet, tick) };
}

/** What a document did ends with it. */
function goneNews(before: EngineState, { policies, rollouts }: PolicySet): readonly News[] {
  const names = new Set(policies.map(({ name }) => name));
  const acted = Object.entries(before.policies).flatMap(([name, { active }]) =>
    names.has(name) || active === undefined ? [] : [{ kind: "Policy" as const, name, active }],
  );
  const rolled = Object.keys(before.rollouts).filter(
    (name) => !rollouts.some((each) => each.name === name),
  );
  const body = (what: string) => ({
    verdict: "withdraw",
    because: [`The document of ${what} is gone, and with it what it did.`],
  });
  return [
    ...acted.map(
      ({ kind, name, active }): News => ({
        kind: "outcome",
        subject: { kind, name },
        body: { ...body(name), causes: [active.decision] },
      }),
    ),
    ...rolled.map(
      (name): News => ({
        kind: "outcome",
        subject: { kind: "Rollout", name },
        body: body(name),
      }),
    ),
  ];
}

interface Basis extends TickInput {
  readonly before: EngineState;
  readonly held: ReturnType<typeof holding>;
  readonly isFrozen: boolean;
}

function turnOf(written: Policy, basis: Basis) {
  const { before, tick, orders, held, policySet, evidence } = basis;
  const mode =
    held.find(({ knob }) => knob === `policy.${written.name}.mode`)?.value ??
    promotedMode(written, before);
  const policy = mode === undefined ? written : { ...written, mode: mode as Policy["mode"] };
  const lookup = (condition: Expression, locals: Locals = {}): Checked =>
    check(condition, { ...basis, scope: policy.scope }, locals);
  const planOf = (move: MovesOf<"shift">, stepTick?: number) => {
    const slo = policySet.slos.find(({ name }) => name === policy.verify?.signal);
    const settled = stepTick === undefined ? {} : { settledSeconds: tick - stepTick };
    return shiftPlan(move, { policySet, evidence, slo, ...settled });
  };
  return stepPolicy(policy, before.policies[policy.name], {
    tick,
    orders,
    check: lookup,
    measure: (verify, action) => measure(verify, basis, action),
    compare: (verify, action) => compare(verify, basis, action),
    touchedBy: (action) => touchedBy(action, basis),
    nodesOf: (move) => basis.nodesOf?.(serviceOf(move, basis.policySet)) ?? [],
    history: (verify) => historyOf(verify, basis),
    resolve: (action) => {
      const asked = guarded(resolveLabels(action, policy, evidence), policy.guard);
      return asked?.kind === "shift" ? firstStep(asked, planOf(asked)) : asked;
    },
    planShift: planOf,
    weigh: (actions, by) =>
      weigh(policy, actions, {
        ...by,
        ground: basis,
        movesLeft: (action) => movesLeft(action, policy, basis),
      }),
    problem: (verify, measured) => problemOf(verify, measured, basis),
    instrument: (verify) => instrumentOf(verify, basis.evidence),
    guard: (action) => [
      ...denialGuards(policy.guard, action),
      ...shiftGuards(action, planOf),
      ...guardsOf(basis, policy.scope, predict(action, before)),
    ],
    mayMove: (knob, direction) =>
      whyNotMove(before.knobs[knob] ?? UNMOVED, direction, { tick, ...policy.guard }),
    isSpent: (knob) => isSpent(before.knobs[knob] ?? UNMOVED, { tick, ...policy.guard }),
    restsBecause: whyRests(policy, basis),
  });
}

/** Of the knob that an action moves: what the hour still holds, at least the one it would take. */
function movesLeft(action: PolicyAction, { guard }: Policy, { before, tick }: Basis): number {
  if (action.kind === "rollback" || action.kind === "notify" || action.kind === "run")
    return guard.budgetPerHour;
  const { movedTicks } = before.knobs[knobOf(action)] ?? UNMOVED;
  const moved = movedTicks.filter((at) => tick - at < HOUR).length;
  return Math.max(1, guard.budgetPerHour - moved);
}

function whyRests(
  policy: Policy,
  { before, isFrozen, policySet, tick }: Basis,
): string | undefined {
  if (isFrozen) return "frozen: automation is stopped by hand";
  const broken = whyBroken(before, policySet.policies, policy.name, tick);
  if (broken !== undefined) return broken;
  const window = policySet.maintenances.find(
    (each) =>
      each.freeze.includes(policy.class) && touches(each.scope, policy.scope) && isOpen(each, tick),
  );
  return window && `maintenance ${window.name} rests this class`;
}

function guardsOf(basis: Basis, scope: Scope, locals: Locals): readonly GuardVerdict[] {
  const { policySet } = basis;
  return policySet.guardrails
    .filter((each) => touches(each.scope, scope))
    .flatMap((each: Guardrail) =>
      guardVerdicts(each, (condition) => check(condition, { ...basis, scope: each.scope }, locals)),
    );
}

function canaryGuards(basis: Basis, { service }: Rollout, percent: number) {
  return guardsOf(basis, { service, labels: {} }, { "canary.weight": percent });
}

/** What a person holds the canary at; an absolute Guardrail does not yield to it. */
function pinOf(rollout: Rollout, basis: Basis): Pick<RolloutTick, "pinned"> {
  const pinned = canaryShareOf(basis.held, rollout.service);
  if (pinned === undefined) return {};
  const { policySet } = basis;
  const absolute = policySet.guardrails.filter((each) => each.absolute);
  const only = { ...basis, policySet: { ...policySet, guardrails: absolute } };
  const isForbidden = canaryGuards(only, rollout, pinned.percent).some(({ passed }) => !passed);
  return isForbidden ? {} : { pinned };
}

/** A scope without a service is about all of them. */
function touches(a: Maintenance["scope"], b: Scope): boolean {
  return a.service === undefined || b.service === undefined || a.service === b.service;
}

function stepFreeze(before: EngineState, orders: readonly Order[], tick: number) {
  return orders.reduce(
    (
      now: { readonly state: EngineState["frozen"]; readonly news: readonly News[] },
      { what, by, reason = "no reason given" },
    ) => {
      if (what.kind !== "freeze" && what.kind !== "unfreeze") return now;
      const isFreeze = what.kind === "freeze";
      if (isFreeze === (now.state !== undefined)) return now;
      const because = isFreeze
        ? `${by} stopped all automation: ${reason}. What is in force stays.`
        : `${by} let automation act again: ${reason}.`;
      const news: News = {
        kind: "freeze",
        subject: { kind: "Engine", name: "automation" },
        actor: by,
        body: { verdict: what.kind, because: [because] },
      };
      return {
        state: isFreeze ? { by, reason, sinceTick: tick } : undefined,
        news: [...now.news, news],
      };
    },
    { state: before.frozen, news: [] },
  );
}

/** A knob that has rested for an hour is as good as new. */
function moveKnobs(
  before: EngineState["knobs"],
  turns: readonly PolicyTurn[],
  tick: number,
): EngineState["knobs"] {
  const knobs = new Map(
    Object.entries(before).filter(([, { movedTicks }]) => tick - (movedTicks.at(-1) ?? 0) < HOUR),
  );
  for (const { moved, state } of turns) {
    const direction = state.active === undefined ? "release" : "tighten";
    for (const knob of moved) knobs.set(knob, move(knobs.get(knob) ?? UNMOVED, direction, tick));
  }
  return Object.fromEntries(knobs);
}

const HOUR = 3600;
const DAY = 86_400;

function noteActed(
  before: readonly number[],
  records: readonly DecisionRecord[],
  tick: number,
): readonly number[] {
  const acted = records.filter(
    ({ kind, actor, body }) =>
      actor === "engine" &&
      (kind === "action" || ["advance", "roll back", "promote"].includes(body.verdict)),
  );
  return [...before.filter((at) => tick - at < DAY), ...acted.map(() => tick)];
}

/** All that holds in a state: shares of rollouts, what policies did, what people want. */
export function actionsInForce(
  state: EngineState,
  policySet: PolicySet,
  tick: number,
): readonly ActionInForce[] {
  const rollouts = policySet.rollouts.flatMap((rollout): readonly ActionInForce[] => {
    const now = state.rollouts[rollout.name];
    return now === undefined ? [] : [sharesOf(rollout, now)];
  });
  const policies = Object.values(state.policies).flatMap(({ active }) => active?.action ?? []);
  const overrides = toActions(holding(state.overrides, tick));
  // A person's will goes before what a Policy wants of the same knob.
  const taken = new Set(overrides.map(({ knob }) => knob));
  const all = [...rollouts, ...policies.filter(({ knob }) => !taken.has(knob)), ...overrides];
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function sharesOf(rollout: Rollout, state: RolloutState): ActionInForce {
  const move = {
    kind: "weights" as const,
    service: rollout.service,
    weights: weightsOf(rollout, state),
  };
  return {
    id: `rollout/${rollout.name}/${state.key}`,
    knob: knobOf(move),
    by: { kind: "Rollout", name: rollout.name },
    class: "experiment",
    move,
    sinceTick: state.stepTick,
    isShadow: false,
  };
}
