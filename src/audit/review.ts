import { accountOf } from "./account.ts";
import { safe, section } from "./markdown.ts";
import { MeasureReader, MITIGATION_OUTCOMES } from "./measures.ts";
import { type AuditRecord, ENGINE } from "./record.ts";

/**
 * What a team looks at once a week: which policies fired and what came of it, rollouts, what people did by hand, what the
 * guardrails stopped, which alerts were not worth it. Every number is counted from the log.
 */
export function weeklyReview(
  records: readonly AuditRecord[],
  week: { readonly from: string; readonly to: string },
): string {
  const reader = new MeasureReader();
  const readings = records.flatMap((record) => reader.read(record));
  const denied = tally(
    readings.flatMap((each) => (each.measure === "M10" ? [each.guardrail] : [])),
  );
  const labels = readings.flatMap((each) => (each.measure === "M7" ? [each.actionable] : []));
  const reverts = readings.flatMap((each) => (each.measure === "M9" ? [each] : []));
  const parts = [
    `# Week ${week.from.slice(0, 10)} to ${week.to.slice(0, 10)}\n${records.length} records.\n`,
    section("1. Policies that fired", policies(records), "None."),
    section("2. Rollouts", rollouts(records), "None."),
    section(
      "3. Reverts",
      reverts.map(({ stage, seconds }) => `- ${stage}: ${Number(seconds.toFixed(2))} s`),
      "None.",
    ),
    section("4. What guardrails stopped", denied, "Nothing."),
    section("5. By hand", byHand(records), "Nothing: automation was left alone."),
    section("6. Refused at the API", refusals(records), "Nothing."),
    section(
      "7. Alerts",
      alertWords(labels),
      "No alert was labelled, so false positives are unknown.",
    ),
  ];
  return parts.join("\n");
}

function policies(records: readonly AuditRecord[]): string[] {
  const fired = records.filter(
    ({ kind, subject }) => kind === "action" && subject.kind === "Policy",
  );
  return names(fired).map((name) => {
    const acts = fired.filter(({ subject }) => subject.name === name).length;
    const outcomes = records.filter(
      ({ kind, subject }) =>
        kind === "outcome" && subject.kind === "Policy" && subject.name === name,
    );
    const words = tally(
      outcomes.flatMap(({ body }) =>
        MITIGATION_OUTCOMES.filter((each) => each === verdictOf(body)),
      ),
    ).map((line) => line.slice(2));
    const harm = outcomes.filter(({ body }) => verdictOf(body) === "harm").length;
    const hint = harm > 0 ? " Look at it: `qmesh policies ledger`." : "";
    return `- ${safe(name)}: ${acts} actions; ${words.join(", ") || "no outcome yet"}.${hint}`;
  });
}

/** What is taken back for harm has the verdict `revert`. */
function verdictOf({ verdict }: AuditRecord["body"]): string {
  return verdict === "revert" ? "harm" : String(verdict);
}

function rollouts(records: readonly AuditRecord[]): string[] {
  const told = records.filter(
    ({ kind, subject }) => kind === "decision" && subject.kind === "Rollout",
  );
  return names(told).map((name) => {
    const verdicts = told
      .filter(({ subject }) => subject.name === name)
      .map(({ body }) => String(body.verdict));
    return `- ${safe(name)}: ${verdicts.map(safe).join(", ")}.`;
  });
}

function byHand(records: readonly AuditRecord[]): string[] {
  return records
    .filter(({ actor, kind }) => actor !== ENGINE && !["refusal", "login", "label"].includes(kind))
    .map((record) => {
      const because = accountOf(record).because.map(safe).join("; ");
      return `- ${record.at.slice(0, 16).replace("T", " ")} ${safe(record.actor)}: ${record.kind} of ${safe(record.subject.name)}: ${because}`;
    });
}

function refusals(records: readonly AuditRecord[]): string[] {
  return tally(
    records
      .filter(({ kind }) => kind === "refusal")
      .map(({ subject, actor }) => `${subject.name} by ${actor}`),
  );
}

function alertWords(labels: readonly ("yes" | "no")[]): string[] {
  if (labels.length === 0) return [];
  const no = labels.filter((each) => each === "no").length;
  const share = Number(((100 * no) / labels.length).toFixed(1));
  return [`- ${labels.length} labelled, ${no} not actionable: ${share} % false positives.`];
}

function names(records: readonly AuditRecord[]): string[] {
  return [...new Set(records.map(({ subject }) => subject.name))].sort();
}

/** `- name: 3`, the most first. */
function tally(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([word, count]) => `- ${safe(word)}: ${count}`);
}
