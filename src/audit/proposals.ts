import { accountOf } from "./account.ts";
import { type Incident, subjectKey } from "./incident-records.ts";
import { byPeople, type Deed, deedsOf, isJudged, safe } from "./markdown.ts";
import type { AuditRecord } from "./record.ts";

/** What to change, as far as the log shows it: each line names the records it follows from. */
export function proposalsOf({ records, meanwhile }: Incident): string[] {
  const deeds = deedsOf(records);
  return [
    ...deeds.flatMap(afterOutcome),
    ...restless(deeds),
    ...records.filter(({ kind }) => kind === "refusal").map(afterRefusal),
    ...afterPeople([...byPeople(records), ...meanwhile]),
    ...unheard(records),
    ...records.filter(isUnfounded).map(instrument),
  ];
}

const AFTER: ReadonlyMap<string, string> = new Map([
  ["harm", "did harm: rank it lower, ask for more confidence, or forbid it by a Guardrail"],
  ["noEffect", "had no effect: take it out of `then`, or verify it by a signal it moves"],
  ["partial", "was taken by a part of the Envoys: see `qmesh proxies` for those that refused it"],
  ["failed", "failed: mend what it needs, or take it out of `then`"],
  ["inconclusive", "could not be judged: give `verify` more time, or a signal with more traffic"],
]);

function afterOutcome({ record, action, account, outcomes }: Deed): string[] {
  const after = !outcomes.some(isJudged)
    ? ["has no outcome in the log: give the Policy a `verify`"]
    : outcomes.flatMap(({ result }) => AFTER.get(result) ?? []);
  const faults = account.wayBack === undefined ? [...after, "had no way back"] : after;
  const name = `${safe(action)} of ${safe(subjectKey(record))} (${safe(record.id)})`;
  return faults.map((fault) => `- Policy: ${name} ${fault}.`);
}

/** More in an hour than a knob may be moved. */
const MOST_AN_HOUR = 5;
const HOUR_SECONDS = 3600;

function restless(deeds: readonly Deed[]): string[] {
  const subjects = [...new Set(deeds.map(({ record }) => subjectKey(record)))];
  return subjects.flatMap((subject) => {
    const ticks = deeds
      .filter(({ record }) => subjectKey(record) === subject)
      .map(({ record }) => record.tick);
    const inHour = (from: number) =>
      ticks.filter((tick) => tick >= from && tick < from + HOUR_SECONDS);
    const worst = Math.max(...ticks.map((from) => inHour(from).length));
    if (worst <= MOST_AN_HOUR) return [];
    return [
      `- Policy: ${safe(subject)} was moved ${worst} times in an hour: widen its hysteresis or its interval.`,
    ];
  });
}

function afterRefusal(record: AuditRecord): string {
  const why = accountOf(record).because.map(safe).join("; ");
  return `- Policy: ${safe(subjectKey(record))} was refused (${safe(record.id)}${why === "" ? "" : `: ${why}`}): the guard or the Policy that asks for it is wrong.`;
}

function afterPeople(records: readonly AuditRecord[]): string[] {
  const steps = records.filter(({ kind }) => kind === "override" || kind === "freeze");
  if (steps.length === 0) return [];
  const ids = steps.map(({ id }) => safe(id)).join(", ");
  return [
    `- Policy: people stepped in (${ids}): write what they knew into a Policy, a Guardrail or a runbook.`,
  ];
}

function unheard(records: readonly AuditRecord[]): string[] {
  const states = new Map<string, Set<string>>();
  for (const { name, state, words } of records.flatMap((record) => accountOf(record).evidence)) {
    if (state !== "late" && state !== "blind") continue;
    const signal = name ?? words;
    states.set(signal, (states.get(signal) ?? new Set()).add(state));
  }
  return [...states].map(
    ([signal, seen]) =>
      `- Instrumentation: ${safe(signal)} was ${[...seen].join(" and ")} when it was needed: find out why, or give it a second source.`,
  );
}

function isUnfounded(record: AuditRecord): boolean {
  return record.kind === "decision" && accountOf(record).evidence.length === 0;
}

function instrument(record: AuditRecord): string {
  return `- Instrumentation: the decision ${safe(record.id)} about ${safe(subjectKey(record))} names no evidence.`;
}
