import type { ActionInForce } from "../act/action.ts";
import type { DecisionRecord } from "../record.ts";
import { stepAlerts } from "./alerts.ts";
import { voteNews } from "./approval.ts";
import { stepBreaker } from "./automation-breaker.ts";
import { breakerNews } from "./breaker-news.ts";
import { stepFreeze } from "./freeze.ts";
import { actionsInForce } from "./in-force.ts";
import { moveKnobs } from "./knobs.ts";
import { type News, toRecords } from "./news.ts";
import type { Order } from "./order.ts";
import { holding, stepOverrides } from "./overrides.ts";
import type { PolicyTurn } from "./policy-tick.ts";
import { turnOfPolicy } from "./policy-turn.ts";
import { stepPromotions } from "./promotion.ts";
import { turnOfRollout } from "./rollout-turn.ts";
import type { EngineState } from "./state.ts";
import type { Basis, TickInput } from "./tick-input.ts";
import { withTraces } from "./traces.ts";
import { withdrawnNews } from "./withdrawn.ts";

/**
 * The engine of one tick: what was, the intent, the evidence and what people ordered in; what is in force from now on and
 * what there is to tell out. Pure: no clock, no randomness, no I/O. No Policy reads what another did in the same tick, so
 * neither their order nor that of their files matters.
 */
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
  const policies = policySet.policies.map((policy) => ({
    policy,
    turn: turnOfPolicy(policy, basis),
  }));
  const rollbacks = policies.flatMap(({ policy, turn }) => rollbackOf(policy.name, turn));
  const rollouts = policySet.rollouts.map((rollout) => ({
    rollout,
    turn: turnOfRollout(rollout, [...orders, ...rollbacks], basis),
  }));
  const alerted = stepAlerts(before.alerts, input);
  const breaker = stepBreaker(
    before.breaker,
    policies.flatMap(({ turn }) => turn.strain ?? []),
    input,
  );
  const promotions = stepPromotions(before.promoted, policySet, orders, tick);
  const news: News[] = [
    ...frozen.news,
    ...withdrawnNews(before, policySet),
    ...overridden.news,
    ...voteNews(policySet.policies, before.policies, orders),
    ...policies.flatMap(({ turn }) => turn.news),
    ...rollouts.flatMap(({ turn }) => turn.news),
    ...alerted.news,
    ...promotions.news,
    ...breakerNews({ kind: "Engine", name: "automation" }, before.breaker, breaker),
  ];
  const records = toRecords(news, { tick, policySetDigest: policySet.digest }).map((each) =>
    withTraces(each, input),
  );
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

/** A Policy orders it as a person would. */
function rollbackOf(policy: string, { rollback }: PolicyTurn): readonly Order[] {
  if (rollback === undefined) return [];
  return [{ by: `Policy ${policy}`, roles: [], what: { kind: "abort", rollout: rollback } }];
}

const DAY = 86_400;

/** Decisions of the engine's own that changed the mesh, of the last day. */
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
