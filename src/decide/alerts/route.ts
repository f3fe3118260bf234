import { digestOf } from "../../policy/digest.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { DecisionRecord } from "../record.ts";
import type { Alert, AlertBook, AlertGroup, Breach, Notification } from "./alert.ts";
import { BUDGET_SECONDS, groupOf, join } from "./grouping.ts";
import { speak } from "./speak.ts";
import { type Standing, type Suppressors, standingOf, suppressorOf } from "./suppression.ts";
import { hasFailed, linesOf, noteFacts, noteTried, triedFor } from "./tried.ts";

/**
 * Whom to tell of what, one second at a time. A breach fires an alert, which joins a group; a group speaks once it has waited
 * for what comes with it, again when something more severe joins or a mitigation failed, and when all of it is over. What is
 * suppressed stays visible and is told if it outlives what suppresses it. Pure: the book goes in and comes out.
 */
export interface AlertTick extends Omit<Suppressors, "maintenances"> {
  readonly policySet: Pick<PolicySet, "policies" | "rollouts" | "maintenances">;
  readonly breaches: readonly Breach[];
  /** Of this tick. */
  readonly records: readonly DecisionRecord[];
}

export interface AlertTurn {
  readonly book: AlertBook;
  readonly notifications: readonly Notification[];
}

/** So long without its breach until an alert is over: what flickers is one alert. */
const CALM_SECONDS = 30;

/** Values of an alert that stands are read anew this often. */
const READ_SECONDS = 30;

const KEPT_SECONDS = 7 * 86_400;
const MOST_ALERTS = 2000;
const MOST_CLOSED = 200;

export function stepAlertBook(before: AlertBook, at: AlertTick): AlertTurn {
  const { tick, records, policySet } = at;
  const tried = noteTried(before.tried, records, policySet);
  const facts = noteFacts(before.facts, records);
  const known = latestByKey(before);
  const breached = at.breaches.map((breach) => noteBreach(breach, known, tick));
  const standing = new Set(breached.map(({ id }) => id));
  const calmed = Object.values(before.alerts)
    .filter(({ id, state }) => state !== "resolved" && !standing.has(id))
    .map((alert) => calm(alert, tick));
  const open = [...breached, ...calmed];
  const alive = standingOf(open.filter(({ state }) => state !== "resolved"));
  const judged = open.map((alert) =>
    alert.state === "resolved" ? alert : judge(alert, alive, { ...at, tried }),
  );
  const firstTold = before.firstTold.filter((told) => tick - told < BUDGET_SECONDS);
  const grouped = group(judged, before.groups, { tick, firstTold });
  const alerts = { ...before.alerts, ...byId(grouped.alerts) };
  const spoken = speak(grouped.groups, alerts, tick);
  return {
    book: {
      alerts: forget(alerts, tick),
      groups: forgetGroups(spoken.groups, tick),
      tried,
      facts,
      firstTold: grouped.firstTold,
    },
    notifications: spoken.notifications,
  };
}

function latestByKey({ alerts }: AlertBook): ReadonlyMap<string, Alert> {
  const latest = new Map<string, Alert>();
  for (const alert of Object.values(alerts)) {
    const other = latest.get(alert.key);
    if (other === undefined || other.sinceTick <= alert.sinceTick) latest.set(alert.key, alert);
  }
  return latest;
}

function noteBreach(breach: Breach, known: ReadonlyMap<string, Alert>, tick: number): Alert {
  const before = known.get(breach.key);
  if (before === undefined || before.state === "resolved") {
    const fingerprint = digestOf(breach.key).slice(0, 16);
    const id = `${fingerprint}-${tick.toString(36)}`;
    return { ...breach, id, fingerprint, state: "firing", seenTick: tick, tried: [] };
  }
  const { calmTick: _, ...alert } = before;
  if (tick - before.seenTick < READ_SECONDS) return before.calmTick === undefined ? before : alert;
  const { value, threshold, posterior, title } = breach;
  const seen = { value, threshold, title, ...(posterior !== undefined && { posterior }) };
  return { ...alert, ...seen, seenTick: tick };
}

function calm(alert: Alert, tick: number): Alert {
  const { calmTick = tick } = alert;
  if (tick - calmTick < CALM_SECONDS) return { ...alert, calmTick };
  return { ...alert, state: "resolved", resolvedTick: tick };
}

function judge(
  alert: Alert,
  alive: Standing,
  at: AlertTick & { readonly tried: AlertBook["tried"] },
): Alert {
  const mine = triedFor(alert, at.tried);
  const failed = hasFailed(alert, mine);
  const lines = linesOf(mine);
  const suppressors = { ...at, maintenances: at.policySet.maintenances };
  const { suppressedBy: before, ...rest } = alert;
  const worst: Alert = {
    ...rest,
    ...(lines.length > 0 && { tried: lines }),
    ...(failed && { severity: "page" as const, escalatedTick: at.tick }),
  };
  const suppressedBy = suppressorOf(worst, alive, suppressors);
  const state = suppressedBy === undefined ? "firing" : "suppressed";
  const isSame =
    !failed &&
    state === alert.state &&
    suppressedBy === before &&
    (lines.length === 0 || lines.join("\n") === alert.tried.join("\n"));
  // An alert that did not change stays the same value: nothing of it is written again.
  if (isSame) return alert;
  return { ...worst, state, ...(suppressedBy !== undefined && { suppressedBy }) };
}

/** In order of fingerprint, so that equal breaches make equal groups. */
function group(
  alerts: readonly Alert[],
  groups: Readonly<Record<string, AlertGroup>>,
  at: { readonly tick: number; readonly firstTold: readonly number[] },
) {
  let now = groups;
  let firstTold = at.firstTold;
  const joined = new Map<string, string>();
  let rest = alerts
    .filter(({ state, group }) => state === "firing" && group === undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  while (rest.length > 0) {
    // What goes into a group that is there first: it may bring the services by which others belong to it.
    const alert = rest.find((each) => groupOf(each, now) !== undefined) ?? rest[0];
    if (alert === undefined) break;
    const found = join(alert, now, { tick: at.tick, begun: firstTold.length });
    now = found.groups;
    if (found.isNew) firstTold = [...firstTold, at.tick];
    joined.set(alert.id, found.group);
    rest = rest.filter((each) => each !== alert);
  }
  const grouped = alerts.map((alert): Alert => {
    const group = joined.get(alert.id);
    return group === undefined ? alert : { ...alert, group };
  });
  return { alerts: grouped, groups: now, firstTold };
}

function byId(alerts: readonly Alert[]): AlertBook["alerts"] {
  return Object.fromEntries(alerts.map((alert) => [alert.id, alert]));
}

function forget(alerts: AlertBook["alerts"], tick: number): AlertBook["alerts"] {
  const all = Object.values(alerts);
  const isOld = ({ resolvedTick }: Alert) =>
    resolvedTick !== undefined && tick - resolvedTick >= KEPT_SECONDS;
  if (all.length <= MOST_ALERTS && !all.some(isOld)) return alerts;
  const kept = all
    .filter((alert) => !isOld(alert))
    .sort((a, b) => (b.resolvedTick ?? Infinity) - (a.resolvedTick ?? Infinity) || 0)
    .slice(0, MOST_ALERTS);
  return byId(kept);
}

function forgetGroups(groups: AlertBook["groups"], tick: number): AlertBook["groups"] {
  const closed = Object.values(groups).filter(({ closedTick }) => closedTick !== undefined);
  const gone = new Set(
    closed
      .sort((a, b) => (b.closedTick ?? 0) - (a.closedTick ?? 0))
      .filter(({ closedTick = 0 }, at) => at >= MOST_CLOSED || tick - closedTick >= KEPT_SECONDS)
      .map(({ id }) => id),
  );
  if (gone.size === 0) return groups;
  return Object.fromEntries(Object.entries(groups).filter(([id]) => !gone.has(id)));
}
