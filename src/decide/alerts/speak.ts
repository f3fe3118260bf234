import {
  type Alert,
  type AlertBook,
  type AlertGroup,
  MOST_TOLD,
  type Notification,
} from "./alert.ts";
import { BUDGET_SECONDS, worse } from "./grouping.ts";

/** When a group speaks: once it is due, at once when it became worse, and when it is over. */
const REPEAT_SECONDS = 4 * 3600;

/** Least time between two of one group about failed mitigations. */
const ESCALATION_SECONDS = 60;

export interface Spoken {
  readonly groups: AlertBook["groups"];
  readonly notifications: readonly Notification[];
}

export function speak(
  groups: AlertBook["groups"],
  alerts: AlertBook["alerts"],
  tick: number,
): Spoken {
  const members = new Map<string, Alert[]>();
  for (const alert of Object.values(alerts)) {
    if (alert.group === undefined) continue;
    members.set(alert.group, [...(members.get(alert.group) ?? []), alert]);
  }
  const notifications: Notification[] = [];
  const next = Object.values(groups).map((group) => {
    if (group.closedTick !== undefined) return group;
    const turn = speakOne(group, members.get(group.id) ?? [], tick);
    notifications.push(...turn.notifications);
    return turn.group;
  });
  return { groups: Object.fromEntries(next.map((group) => [group.id, group])), notifications };
}

interface Turn {
  readonly group: AlertGroup;
  readonly notifications: readonly Notification[];
}

function speakOne(before: AlertGroup, members: readonly Alert[], tick: number): Turn {
  const standing = members.filter(({ state }) => state !== "resolved");
  const firing = standing.filter(({ state }) => state === "firing");
  const severity = firing.reduce((worst, each) => worse(worst, each.severity), before.severity);
  const group = { ...before, severity };
  if (standing.length === 0) {
    const closed = { ...group, closedTick: tick };
    // What was over before anybody was told is no news.
    if (group.sent === undefined) return { group: closed, notifications: [] };
    return tell(closed, { kind: "resolved", told: members, tick });
  }
  const kind = kindOf(group, firing, tick);
  return kind === undefined
    ? { group, notifications: [] }
    : tell(group, { kind, told: firing, tick });
}

function kindOf(
  { sent, dueTick, severity, told }: AlertGroup,
  firing: readonly Alert[],
  tick: number,
): Notification["kind"] | undefined {
  if (firing.length === 0) return undefined;
  if (sent === undefined) return tick >= dueTick ? "firing" : undefined;
  const failed = firing.some(({ escalatedTick = 0 }) => escalatedTick > sent.tick);
  const isWorse = sent.severity === "ticket" && severity === "page";
  if (failed && (isWorse || tick - sent.tick >= ESCALATION_SECONDS)) return "escalated";
  if (isWorse) return "firing";
  const known = new Set(told);
  if (tick >= dueTick && firing.some(({ id }) => !known.has(id))) return "firing";
  return tick - sent.tick >= REPEAT_SECONDS ? "repeat" : undefined;
}

function tell(
  group: AlertGroup,
  { kind, told, tick }: Pick<Notification, "kind" | "tick"> & { readonly told: readonly Alert[] },
): Turn {
  const { id, severity, sent } = group;
  const count = (sent?.count ?? 0) + 1;
  const sorted = [...told].sort(
    (a, b) =>
      a.severity.localeCompare(b.severity) || a.sinceTick - b.sinceTick || (a.id < b.id ? -1 : 1),
  );
  const notification: Notification = {
    key: `${id}-${count}`,
    kind,
    group: id,
    severity,
    tick,
    title: titleOf(group, kind, sorted),
    alerts: sorted.slice(0, MOST_TOLD),
    more: Math.max(0, sorted.length - MOST_TOLD),
    targets: [...new Set(sorted.flatMap(({ targets }) => targets))].sort(),
  };
  return {
    group: {
      ...group,
      sent: { tick, severity, count },
      dueTick: tick + BUDGET_SECONDS,
      told: [...new Set([...group.told, ...told.map((each) => each.id)])].slice(-MOST_TOLD_OF),
    },
    notifications: [notification],
  };
}

/** As many as there are alerts. */
const MOST_TOLD_OF = 2000;

function titleOf(
  { isStorm, services }: AlertGroup,
  kind: Notification["kind"],
  alerts: readonly Alert[],
): string {
  const [first] = alerts;
  const mark = kind === "firing" || kind === "repeat" ? "" : `${kind}: `;
  if (alerts.length === 1 && first !== undefined) return `${mark}${first.title}`;
  const where =
    isStorm || services.length > 3 ? `${services.length} services` : services.join(", ");
  return `${mark}${alerts.length} alerts of ${where || "the mesh"}, first ${first?.title ?? ""}`;
}
