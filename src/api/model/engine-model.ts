import type { AuditReader } from "../../audit/reader.ts";
import type { EngineKeeper } from "../../control/engine-keeper.ts";
import type { Order as EngineOrder } from "../../decide/engine/order.ts";
import { mayFollow } from "../../decide/engine/rollout.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { CommandAnswer, Commands, Order } from "../commands.ts";
import type { ReadModel } from "../read-model.ts";
import { findDecision, listDecisions } from "./decisions.ts";
import {
  actionViews,
  approvalViews,
  findRollout,
  freezeView,
  overrideViews,
  rolloutViews,
} from "./operations.ts";
import { serviceViews } from "./services.ts";

/** The API's two ports over the engine of this process. */
export interface EngineParts {
  readonly keeper: EngineKeeper;
  readonly reader: AuditReader;
  readonly policySet: () => PolicySet | undefined;
  readonly evidence: () => Evidence;
}

export function engineModel({ keeper, reader, policySet, evidence }: EngineParts): ReadModel {
  const withSet = <T>(show: (set: PolicySet) => readonly T[]): readonly T[] => {
    const set = policySet();
    return set === undefined ? [] : show(set);
  };
  return {
    services: () => withSet((set) => serviceViews(set, evidence())),
    decisions: (query) => listDecisions(reader, query),
    decision: (id) => findDecision(reader, id),
    rollouts: () => withSet((set) => rolloutViews(set, keeper.state)),
    actions: () => actionViews(keeper.actions),
    approvals: () => withSet((set) => approvalViews(set, keeper.state)),
    overrides: () => overrideViews(keeper.state, evidence().tick),
    freeze: () => freezeView(keeper.state),
    audit: async ({ limit, before, kind, subject }) => {
      const after = before === undefined ? undefined : Number(before);
      if (after !== undefined && !Number.isSafeInteger(after)) return { items: [] };
      const page = await reader.list({ limit, ...(after !== undefined && { before: after }) });
      const items = page.records.filter(
        (each) =>
          (kind === undefined || each.kind === kind) &&
          (subject === undefined || each.subject.name === subject),
      );
      return { items, ...(page.next !== undefined && { next: String(page.next) }) };
    },
  };
}

/** How long an order may wait for the turn that follows it. */
const PATIENCE_MS = 5000;

export function engineCommands({ keeper, policySet }: EngineParts): Commands {
  return {
    give: async (order): Promise<CommandAnswer> => {
      const refusal = refuse(order, policySet(), keeper);
      if (refusal !== undefined) return refusal;
      const timeout = new Promise<undefined>((resolve) => {
        setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
      });
      const records = await Promise.race([keeper.order(order as EngineOrder), timeout]);
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
  { what }: Order,
  policySet: PolicySet | undefined,
  { state }: EngineKeeper,
): CommandAnswer | undefined {
  if (policySet === undefined) return no("unavailable", "no intent is in force");
  if (what.kind === "apply") return no("unavailable", "intent is not taken here");
  if (what.kind === "label") return no("unavailable", "alerts are not available");
  if ("rollout" in what && findRollout(policySet, what.rollout) === undefined) {
    return no("unknown", `there is no Rollout ${what.rollout}`);
  }
  const rollout = "rollout" in what ? state.rollouts[what.rollout] : undefined;
  if (rollout !== undefined && !mayFollow(what.kind, rollout.phase)) {
    return no("conflict", `it is ${rollout.phase}, and cannot be told to ${what.kind}`);
  }
  if (what.kind === "approve" || what.kind === "reject") {
    const isPending = Object.values(state.policies).some(
      ({ pending }) => pending?.decision === what.decision,
    );
    if (!isPending) return no("conflict", `${what.decision} waits for nobody`);
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

function no(kind: "unknown" | "conflict" | "invalid" | "unavailable", why: string): CommandAnswer {
  return { ok: false, kind, why: `${why}.` };
}
