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

function linesOfNotification(
  { title, alerts, more }: Pick<Notification, "title" | "alerts" | "more">,
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

/** What a webhook gets: the figures for programs, the lines for people. */
export function hookBody(
  { kind, group, severity, tick, title, alerts, more, targets }: Notification,
  key: string,
  linkOf: (decision: string) => string,
) {
  return {
    id: key,
    kind,
    group,
    severity,
    at: timeOf(tick),
    title,
    targets,
    more,
    alerts: alerts.map((alert) => ({
      id: alert.id,
      fingerprint: alert.fingerprint,
      state: alert.state,
      severity: alert.severity,
      title: alert.title,
      service: alert.service,
      slo: alert.slo,
      policy: alert.policy,
      value: alert.value,
      threshold: alert.threshold,
      windowSeconds: alert.windowSeconds,
      posterior: alert.posterior,
      since: timeOf(alert.sinceTick),
      tried: alert.tried,
      decision: alert.decision,
      link: alert.decision === undefined ? undefined : linkOf(alert.decision),
    })),
    text: linesOfNotification({ title, alerts, more }, linkOf).join("\n"),
  };
}
