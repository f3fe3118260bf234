import type { Severity } from "../../policy/intent/burn-alert.ts";
import type { Alert, AlertGroup } from "./alert.ts";

/**
 * What is told at once: alerts of one service, or of one causing decision. Within `BUDGET_SECONDS` at most `MOST_GROUPS` groups
 * are begun; whatever comes beyond them goes into one more, the storm, so that a failure of everything is five notifications.
 */
export const BUDGET_SECONDS = 300;
export const MOST_GROUPS = 4;

/** What fires within these seconds of the first is told with it. */
export const WAIT_SECONDS = 5;

type Groups = Readonly<Record<string, AlertGroup>>;

/** The group of an alert that has none, and all groups with it. */
export function join(
  alert: Alert,
  groups: Groups,
  { tick, begun }: { readonly tick: number; readonly begun: number },
): { readonly groups: Groups; readonly group: string; readonly isNew: boolean } {
  const mine = groupOf(alert, groups);
  const storm = openOf(groups).find(({ isStorm }) => isStorm);
  const found = mine ?? (begun >= MOST_GROUPS ? storm : undefined);
  if (found !== undefined) {
    return {
      groups: { ...groups, [found.id]: widened(found, alert) },
      group: found.id,
      isNew: false,
    };
  }
  const id = `g-${alert.id}`;
  const group: AlertGroup = {
    id,
    isStorm: begun >= MOST_GROUPS,
    services: alert.service === undefined ? [] : [alert.service],
    decisions: causesOf(alert),
    severity: alert.severity,
    openedTick: tick,
    dueTick: tick + WAIT_SECONDS,
    told: [],
  };
  return { groups: { ...groups, [id]: group }, group: id, isNew: true };
}

/** That it belongs to by its service or its cause. */
export function groupOf(alert: Alert, groups: Groups): AlertGroup | undefined {
  return openOf(groups).find((each) => isOf(alert, each));
}

function openOf(groups: Groups): readonly AlertGroup[] {
  return Object.values(groups).filter(({ closedTick }) => closedTick === undefined);
}

function isOf(alert: Alert, { services, decisions, isStorm }: AlertGroup): boolean {
  if (alert.service !== undefined && services.includes(alert.service)) return true;
  return !isStorm && causesOf(alert).some((each) => decisions.includes(each));
}

function widened(group: AlertGroup, alert: Alert): AlertGroup {
  const { service, severity } = alert;
  return {
    ...group,
    services: service === undefined ? group.services : union(group.services, [service]),
    decisions: union(group.decisions, causesOf(alert)),
    severity: worse(group.severity, severity),
  };
}

function causesOf({ decision, causes }: Alert): readonly string[] {
  return [...(decision === undefined ? [] : [decision]), ...causes];
}

export function worse(a: Severity, b: Severity): Severity {
  return a === "page" || b === "page" ? "page" : "ticket";
}

/** Enough to know an alert by. */
const MOST_NAMES = 500;

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].slice(0, MOST_NAMES);
}
