import type { AuditReader } from "../../audit/reader.ts";
import type { ActionTracker } from "../../control/action-progress.ts";
import type { AlertKeeper } from "../../control/alert-keeper.ts";
import type { EngineKeeper } from "../../control/engine-keeper.ts";
import type { RunbookKeeper } from "../../control/runbook-keeper.ts";
import { falsePositives } from "../../decide/alerts/false-positives.ts";
import { isPerson, whyIdle } from "../../decide/engine/glass.ts";
import type { Order as EngineOrder } from "../../decide/engine/order.ts";
import { waiting } from "../../decide/engine/overrides.ts";
import { whyNotFollow } from "../../decide/engine/rollout-orders.ts";
import { NO_SHADOW, reportOf } from "../../decide/engine/shadow-report.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { FailedRequest } from "../../evidence/failed-requests.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { CommandAnswer, Commands } from "../commands.ts";
import type { ReadModel } from "../read-model.ts";
import { alertViews, incidentViews, labelAlert } from "./alerts.ts";
import { listRecords } from "./audit.ts";
import { BudgetHistory } from "./budget-history.ts";
import { type DecisionLog, findDecision, listDecisions } from "./decisions.ts";
import { failureViews } from "./failures.ts";
import { findIncidentCheck } from "./incident-check.ts";
import { whyNoKnob } from "./knob.ts";
import {
  actionDetailOf,
  actionViews,
  approvalViews,
  findRollout,
  freezeView,
  glassApprovals,
  overrideViews,
  rolloutViews,
} from "./operations.ts";
import { policyViews } from "./policies.ts";
import { runApprovals } from "./runbooks.ts";
import { type ShedRates, serviceViewNamed, serviceViews } from "./services.ts";

/** The API's two ports over the engine of this process. */
export interface EngineParts {
  readonly keeper: EngineKeeper;
  readonly tracker: Pick<ActionTracker, "of">;
  readonly reader: AuditReader;
  readonly policySet: () => PolicySet | undefined;
  readonly evidence: () => Evidence;
  readonly alerts: AlertKeeper;
  readonly runbooks: RunbookKeeper;
  readonly shedRates: ShedRates;
  /** Newest first. */
  readonly failures: () => readonly FailedRequest[];
  readonly intents: Intents;
}

/** The sets that were in force. */
export interface Intents {
  list(): Promise<readonly { readonly digest: string; readonly at: string }[]>;
  /** Why not; undefined: it is in force. */
  rollBack(digest: string): Promise<string | undefined>;
}

export function engineModel(parts: EngineParts): ReadModel {
  const { keeper, reader, policySet, evidence, failures, intents, tracker, alerts, runbooks } =
    parts;
  const withSet = <T>(show: (set: PolicySet) => readonly T[]): readonly T[] => {
    const set = policySet();
    return set === undefined ? [] : show(set);
  };
  const log: DecisionLog = { reader, serviceOf: (subject) => serviceOf(subject, policySet()) };
  const budgets = new BudgetHistory();
  const shown = { budgets, shedRates: parts.shedRates };
  const services = oncePerSecond((set, seen) => serviceViews(set, seen, shown));
  return {
    services: () => withSet((set) => services(set, evidence())),
    service: (name) => {
      const set = policySet();
      return set && serviceViewNamed(name, set, evidence(), shown);
    },
    decisions: (query) => listDecisions(log, query),
    decision: (id) => findDecision(log, id),
    rollouts: () => withSet((set) => rolloutViews(set, keeper.state)),
    policies: () => withSet((set) => policyViews(set, keeper.state, evidence().tick)),
    intents: async () => {
      const now = policySet()?.digest;
      return (await intents.list()).map((each) => ({ ...each, isInForce: each.digest === now }));
    },
    actions: () => actionViews(keeper.actions, tracker),
    action: (id) => actionDetailOf(id, keeper.actions, tracker),
    approvals: () =>
      withSet((set) => [
        ...approvalViews(set, keeper.state),
        ...glassApprovals(keeper.state, evidence().tick),
        ...runApprovals(set, runbooks.runs),
      ]),
    overrides: () => overrideViews(keeper.state, evidence().tick),
    freeze: () => freezeView(keeper.state),
    incidentCheck: (id) => {
      const set = policySet();
      if (set === undefined) return undefined;
      const { state } = keeper;
      return findIncidentCheck(id, { reader, state, policySet: set, evidence: evidence() });
    },
    incidents: () => incidentViews(alerts, policySet() ?? { policies: [], runbooks: [] }),
    alerts: () => alertViews(alerts),
    alertQuality: () =>
      falsePositives(Object.values(alerts.book.alerts)) ?? { labelled: 0, notActionable: 0 },
    failures: (service) => failureViews(failures(), service),
    audit: (query) => listRecords(reader, query),
  };
}

/** A second that was shown never changes, so however many ask within it, a thousand services are summed once. */
function oncePerSecond<T>(
  make: (set: PolicySet, evidence: Evidence) => T,
): (set: PolicySet, evidence: Evidence) => T {
  let made: { readonly set: PolicySet; readonly tick: number; readonly value: T } | undefined;
  return (set, evidence) => {
    if (made?.set !== set || made.tick !== evidence.tick)
      made = { set, tick: evidence.tick, value: make(set, evidence) };
    return made.value;
  };
}

/** That a document of the intent is about; undefined: several, or the document is gone. */
function serviceOf(
  { kind, name }: { readonly kind: string; readonly name: string },
  set: PolicySet | undefined,
): string | undefined {
  const isIt = (each: { readonly name: string }) => each.name === name;
  if (kind === "Rollout") return set?.rollouts.find(isIt)?.service;
  if (kind === "SLO") return set?.slos.find(isIt)?.service;
  return kind === "Policy" ? set?.policies.find(isIt)?.scope.service : undefined;
}

/** How long an order may wait for the turn that follows it. */
const PATIENCE_MS = 5000;

export function engineCommands(parts: EngineParts): Commands {
  const { keeper, policySet, alerts, evidence, runbooks, intents } = parts;
  return {
    give: async (order): Promise<CommandAnswer> => {
      const { what } = order;
      if (what.kind === "label") return labelAlert(alerts, order, evidence().tick);
      if (what.kind === "apply") return no("unavailable", "intent is not taken here");
      if (what.kind === "rollbackIntent") {
        const why = await intents.rollBack(what.digest);
        return why === undefined ? { ok: true } : no("unknown", why);
      }
      const answered = await runbooks.answer(order, evidence().tick);
      if (answered !== undefined) return answered;
      const asked = { ...order, what };
      const refusal = refuse(asked, policySet(), keeper, evidence().tick);
      if (refusal !== undefined) return refusal;
      const timeout = new Promise<undefined>((resolve) => {
        setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
      });
      const records = await Promise.race([keeper.order(asked), timeout]);
      if (records === undefined) {
        const why = keeper.stuck ?? "no turn of the engine came within 5 s";
        return { ok: false, kind: "unavailable", why };
      }
      const [record] = records;
      return { ok: true, ...(record !== undefined && { record: record.id }) };
    },
  };
}

function refuse(
  order: EngineOrder,
  policySet: PolicySet | undefined,
  { state }: EngineKeeper,
  tick: number,
): CommandAnswer | undefined {
  const { what } = order;
  if (policySet === undefined) return no("unavailable", "no intent is in force");
  if ("rollout" in what) {
    const rollout = findRollout(policySet, what.rollout);
    if (rollout === undefined) return no("unknown", `there is no Rollout ${what.rollout}`);
    const now = state.rollouts[what.rollout];
    const why = now && whyNotFollow(rollout, now, order);
    if (why !== undefined) return no("conflict", why);
  }
  if (what.kind === "promotePolicy")
    return refusePromotion(what.policy, policySet, { state, tick });
  if (what.kind === "approve" || what.kind === "reject") {
    const glass = waiting(state.overrides, tick).find(({ id }) => id === what.decision);
    const idle = glass && whyIdle(glass, order);
    if (idle !== undefined) return no("conflict", idle);
    if (glass !== undefined) return undefined;
    const isPending = Object.values(state.policies).some(
      ({ pending }) => pending?.decision === what.decision,
    );
    if (!isPending) return no("conflict", `${what.decision} waits for nobody`);
  }
  const noKnob = what.kind === "override" ? whyNoKnob(what, policySet) : undefined;
  if (noKnob !== undefined) return no("invalid", noKnob);
  if (what.kind === "override" && what.breakGlass === true && !isPerson(order)) {
    return no("conflict", `breaking the glass takes two people, and ${order.by} names none`);
  }
  if (what.kind === "endOverride" && state.overrides[what.id] === undefined) {
    return no("unknown", `there is no override ${what.id}`);
  }
  if (what.kind === "freeze" && state.frozen !== undefined) {
    return no("conflict", `automation is frozen already, by ${state.frozen.by}`);
  }
  if (what.kind === "unfreeze" && state.frozen === undefined) {
    return no("conflict", "automation is not frozen");
  }
  return undefined;
}

function refusePromotion(
  name: string,
  { policies }: PolicySet,
  { state, tick }: { readonly state: EngineKeeper["state"]; readonly tick: number },
): CommandAnswer | undefined {
  const policy = policies.find((each) => each.name === name);
  if (policy === undefined) return no("unknown", `there is no Policy ${name}`);
  if (policy.mode !== "shadow") return no("conflict", `its mode is ${policy.mode}, not shadow`);
  const { shadow = NO_SHADOW } = state.policies[name] ?? {};
  const { whyNot } = reportOf(shadow, tick);
  return whyNot === undefined ? undefined : no("conflict", whyNot);
}

function no(kind: "unknown" | "conflict" | "invalid" | "unavailable", why: string): CommandAnswer {
  return { ok: false, kind, why: `${why}.` };
}
