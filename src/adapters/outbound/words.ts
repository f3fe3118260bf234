import type { Alert, Notification } from "../../decide/alerts/alert.ts";

/** An alert as a person reads it at night: what, how bad, how sure, what was tried, where to look. */
export function linesOfAlert(
  alert: Alert,
  linkOf: (decision: string) => string,
): readonly string[] {
  const { value, threshold, windowSeconds, posterior, tried, decision, service } = alert;
  return [
    alert.title,
    ...(service === undefined ? [] : [`service: ${service}`]),
    `value ${figure(value)}, threshold ${figure(threshold)}, window ${windowSeconds} s`,
    ...(posterior === undefined ? [] : [`real with a chance of ${figure(100 * posterior)} %`]),
    `since ${timeOf(alert.sinceTick)}`,
    ...(tried.length === 0 ? ["tried: nothing yet"] : tried.map((line) => `tried: ${line}`)),
    ...(decision === undefined ? [] : [`why: ${linkOf(decision)}`]),
  ];
}

export function linesOfNotification(
  { title, alerts, more }: Notification,
  linkOf: (decision: string) => string,
): readonly string[] {
  return [
    title,
    ...alerts.flatMap((alert) => ["", ...linesOfAlert(alert, linkOf)]),
    ...(more === 0 ? [] : ["", `and ${more} more: qmesh alerts`]),
  ];
}

export function timeOf(tick: number): string {
  return new Date(tick * 1000).toISOString();
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
