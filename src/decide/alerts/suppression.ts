import type { Maintenance } from "../../policy/automation.ts";
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
  standing: readonly Alert[],
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
  const greater = standing.find((other) => inhibits(other, alert));
  return greater && `${greater.severity} ${greater.id}`;
}

/**
 * A page keeps back the tickets of the same cause, and what fired for a record that another alert caused is kept back by that
 * one: who mends the cause needs no word of what follows.
 */
function inhibits(other: Alert, alert: Alert): boolean {
  if (other.id === alert.id) return false;
  const isParent =
    other.decision !== undefined &&
    other.decision !== alert.decision &&
    alert.causes.includes(other.decision);
  if (isParent) return true;
  if (other.severity !== "page" || alert.severity !== "ticket") return false;
  const isSameObjective = other.slo !== undefined && other.slo === alert.slo;
  return isSameObjective || (other.decision !== undefined && other.decision === alert.decision);
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
