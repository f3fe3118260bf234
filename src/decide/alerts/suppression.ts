import type { Maintenance } from "../../policy/intent/maintenance.ts";
import { isOpen } from "../engine/maintenance.ts";
import type { Alert } from "./alert.ts";

/** A silence as Alertmanager has it: every matcher must hold. */
export interface Silence {
  readonly id: string;
  readonly createdBy: string;
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
}

export interface Suppressors {
  readonly tick: number;
  readonly maintenances: readonly Maintenance[];
  readonly silences: readonly Silence[];
  /** Whether a text matches an expression whole; linear in the text. */
  readonly matches: (expression: string, text: string) => boolean;
}

/** Why nobody is told of an alert now; undefined: somebody is. */
export function suppressorOf(
  alert: Alert,
  standing: Standing,
  at: Suppressors,
): string | undefined {
  const window = at.maintenances.find(
    (each) =>
      each.suppress.includes(alert.severity) &&
      (each.scope.service === undefined || each.scope.service === alert.service) &&
      isOpen(each, at.tick),
  );
  if (window !== undefined) return `maintenance ${window.name}`;
  const silence = at.silences.find((each) => isSilenced(alert, each, at.matches));
  if (silence !== undefined) return `silence ${silence.id} of ${silence.createdBy}`;
  const greater = inhibitor(alert, standing);
  return greater && `${greater.severity} ${greater.id}`;
}

/** Alerts that hold, by what they can keep back. */
export interface Standing {
  readonly byDecision: ReadonlyMap<string, Alert>;
  readonly pageBySlo: ReadonlyMap<string, Alert>;
  readonly pageByDecision: ReadonlyMap<string, Alert>;
}

export function standingOf(alerts: readonly Alert[]): Standing {
  const pages = alerts.filter(({ severity }) => severity === "page");
  const by = (of: readonly Alert[], key: "decision" | "slo") =>
    new Map(
      of.flatMap((alert) => (alert[key] === undefined ? [] : [[alert[key], alert] as const])),
    );
  return {
    byDecision: by(alerts, "decision"),
    pageBySlo: by(pages, "slo"),
    pageByDecision: by(pages, "decision"),
  };
}

/**
 * A page keeps back the tickets of the same cause, and what fired for a record that another alert caused is kept back by that
 * one: who mends the cause needs no word of what follows.
 */
function inhibitor(alert: Alert, standing: Standing): Alert | undefined {
  const parent = alert.causes
    .filter((cause) => cause !== alert.decision)
    .map((cause) => standing.byDecision.get(cause))
    .find((other) => other !== undefined && other.id !== alert.id);
  if (parent !== undefined || alert.severity === "page") return parent;
  const { slo = "", decision = "" } = alert;
  return standing.pageBySlo.get(slo) ?? standing.pageByDecision.get(decision);
}

function isSilenced(alert: Alert, { matchers }: Silence, matches: Suppressors["matches"]): boolean {
  const labels = labelsOf(alert);
  return (
    matchers.length > 0 &&
    matchers.every(({ name, value, isRegex, isEqual }) => {
      const text = labels[name] ?? "";
      return (isRegex ? matches(value, text) : text === value) === isEqual;
    })
  );
}

/** What silences may match. */
function labelsOf({ severity, service, slo, policy, fingerprint, targets }: Alert) {
  const labels: Readonly<Record<string, string | undefined>> = {
    alertname: ALERT_NAME,
    severity,
    service,
    slo,
    policy,
    fingerprint,
    team: targets[0],
  };
  return labels;
}

export const ALERT_NAME = "QuantumMesh";
