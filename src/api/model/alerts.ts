import type { AlertKeeper } from "../../control/alert-keeper.ts";
import type { Alert, AlertGroup } from "../../decide/alerts/alert.ts";
import { runbooksFor } from "../../decide/runbook/linked.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { CommandAnswer, Order } from "../commands.ts";
import type { AlertView, IncidentView } from "../view/incident.ts";
import { timeOf } from "./decisions.ts";

/** Alerts and incidents as the API shows them. */
type Book = Pick<AlertKeeper, "book" | "deliveries">;

const RANK = { firing: 0, suppressed: 1, resolved: 2 } as const;
const MOST_SENT = 8;

/** Firing ones first, then newest first. */
export function alertViews({ book, deliveries }: Book): AlertView[] {
  return Object.values(book.alerts)
    .sort(
      (a, b) =>
        RANK[a.state] - RANK[b.state] || b.sinceTick - a.sinceTick || (a.id < b.id ? -1 : 1),
    )
    .map((alert) => alertView(alert, deliveries));
}

function alertView(alert: Alert, deliveries: Book["deliveries"]): AlertView {
  const { resolvedTick, escalatedTick, label, service, slo, decision, posterior, group } = alert;
  return {
    id: alert.id,
    fingerprint: alert.fingerprint,
    severity: alert.severity,
    state: alert.state,
    title: alert.title,
    ...(service !== undefined && { service }),
    ...(slo !== undefined && { slo }),
    since: timeOf(alert.sinceTick),
    value: alert.value,
    threshold: alert.threshold,
    windowSeconds: alert.windowSeconds,
    ...(posterior !== undefined && { posterior }),
    tried: [...alert.tried],
    ...(decision !== undefined && { decision }),
    ...(alert.suppressedBy !== undefined && { suppressedBy: alert.suppressedBy }),
    ...(escalatedTick !== undefined && { escalatedAt: timeOf(escalatedTick) }),
    ...(resolvedTick !== undefined && { resolvedAt: timeOf(resolvedTick) }),
    ...(group !== undefined && { group }),
    targets: [...alert.targets],
    sent: deliveries
      .filter((each) => group !== undefined && each.group === group)
      .slice(-MOST_SENT)
      .map(({ adapter, state, why }) => ({
        to: adapter,
        state,
        ...(why !== undefined && { why }),
      })),
    ...(label !== undefined && { actionable: label.actionable }),
  };
}

/** Groups that were told of: open ones first, then newest first. */
export function incidentViews(
  { book }: Book,
  policySet: Pick<PolicySet, "policies" | "runbooks">,
): IncidentView[] {
  const members = Object.values(book.alerts);
  return Object.values(book.groups)
    .filter(({ sent }) => sent !== undefined)
    .sort(
      (a, b) =>
        Number(a.closedTick !== undefined) - Number(b.closedTick !== undefined) ||
        b.openedTick - a.openedTick,
    )
    .map((group) =>
      incidentView(
        group,
        members.filter((each) => each.group === group.id),
        policySet,
      ),
    );
}

function incidentView(
  { id, services, severity, openedTick, closedTick, decisions, isStorm }: AlertGroup,
  members: readonly Alert[],
  policySet: Pick<PolicySet, "policies" | "runbooks">,
): IncidentView {
  const [first] = members;
  const linked = members.flatMap((each) => runbooksFor(policySet, each));
  const page = linked.find((each) => each.page !== undefined)?.page;
  const title = isStorm ? `${members.length} alerts at once` : (first?.title ?? id);
  return {
    id,
    title,
    severity,
    ...(services.length === 1 && services[0] !== undefined && { service: services[0] }),
    openedAt: timeOf(openedTick),
    ...(closedTick !== undefined && { closedAt: timeOf(closedTick) }),
    ...(page !== undefined && { runbook: page }),
    runbooks: [...new Set(linked.map(({ name }) => name))].sort(),
    decisions: [...decisions],
  };
}

/** A person's word on an alert. */
export async function labelAlert(
  keeper: Pick<AlertKeeper, "label">,
  { what, by, reason }: Order,
  tick: number,
): Promise<CommandAnswer> {
  if (what.kind !== "label") throw new Error("invariant: no label");
  const { actionable } = what;
  const label = { actionable, by, tick, ...(reason !== undefined && { reason }) };
  const id = await keeper.label(what.alert, label);
  if (id === undefined)
    return { ok: false, kind: "unknown", why: `there is no alert ${what.alert}.` };
  return { ok: true };
}
