import type { DecisionView } from "../api/view/decision.ts";
import type { PolicyView, RolloutView } from "../api/view/operation.ts";
import type { ObjectiveView } from "../api/view/service.ts";

/** Automation as rows and lines that fit a terminal. */
export function decisionRows(decisions: readonly DecisionView[]): string[][] {
  const rows = decisions.map(({ at, id, subject, verdict, mode, because }) => [
    at.slice(0, 19).replace("T", " "),
    id,
    `${subject.kind} ${subject.name}`,
    mode === "shadow" ? `${verdict} (shadow)` : verdict,
    because[0] ?? "",
  ]);
  return [["TIME", "ID", "SUBJECT", "VERDICT", "BECAUSE"], ...rows];
}

export function objectiveRows(
  objectives: readonly (ObjectiveView & { readonly service: string })[],
): string[][] {
  const rows = objectives.map(({ name, service, target, state, attained, budgetLeft, burns }) => [
    name,
    service,
    percent(target),
    state,
    percent(attained),
    percent(budgetLeft),
    burns
      .map(({ burn }) => (burn === undefined ? "-" : `${Number(burn.toPrecision(3))}`))
      .join(" / "),
  ]);
  return [
    ["OBJECTIVE", "SERVICE", "TARGET", "STATE", "ATTAINED", "BUDGET LEFT", "BURN 5m / 1h / 6h"],
    ...rows,
  ];
}

/** Why a Policy does less than it is written to. */
export function doubtLines({ name, methodWhy, breaker, breakerWhy }: PolicyView): string[] {
  return [
    ...(methodWhy === undefined ? [] : [`Policy ${name} goes by its rules: ${methodWhy}.`]),
    ...(breaker === "closed"
      ? []
      : [`Policy ${name} rests, its breaker ${breaker}: ${breakerWhy}.`]),
  ];
}

export function rolloutLines(rollout: RolloutView): string[] {
  const {
    name,
    service,
    stable,
    canary,
    phase,
    percent: share,
    steps,
    signals,
    arms,
    why,
  } = rollout;
  const marks = { done: "x", now: ">", next: " " } as const;
  return [
    `${name}: ${service} from ${stable} to ${canary}, ${phase} at ${share} %`,
    ...steps.map(({ text, state }) => `  [${marks[state]}] ${text}`),
    ...arms.map(({ version, requests, errors }) => `  ${version}: ${errors} errors of ${requests}`),
    ...signals.map(
      ({ name: signal, evidence, limit }) =>
        `  evidence that ${signal} is worse: ${figure(evidence)} of ${figure(limit)}`,
    ),
    ...(why === "" ? [] : [`  ${why}`]),
  ];
}

function percent(ratio: number | undefined): string {
  return ratio === undefined ? "-" : `${Number((ratio * 100).toFixed(3))} %`;
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
