import { accountOf } from "./account.ts";
import type { Incident } from "./incident-records.ts";
import {
  byPeople,
  type Deed,
  deed,
  deedsOf,
  isJudged,
  movesOf,
  outcomeWords,
  reasons,
  safe,
  section,
  told,
} from "./markdown.ts";
import { proposalsOf } from "./proposals.ts";
import { type AuditRecord, ENGINE } from "./record.ts";

/**
 * A postmortem filled from the log: what automation did and when, what it weighed, what it saw, what failed, what to change.
 * Whoever owns the service adds impact and root cause; every line names its record.
 */
export function postmortem(incident: Incident): string {
  const { id, records, meanwhile } = incident;
  const deeds = deedsOf(records);
  const parts = [
    `# Postmortem of ${safe(id)}\n${summary(incident)}\n`,
    section(
      "1. Automated actions, and when",
      movesOf(records)
        .filter(({ record }) => record.actor === ENGINE)
        .map(acted),
      "Automation did nothing.",
    ),
    section(
      "2. What was weighed, and why",
      records.filter(isReasoned).map((record) => told(record, reasons(record))),
      "No decision is in the log.",
    ),
    section("3. Inputs and telemetry", records.flatMap(inputs), "No evidence is in the log."),
    section(
      "4. What failed, or was done in part",
      [...deeds.filter(isOpen).map(acted), ...refusals(records)],
      "Nothing.",
    ),
    section("5. Proposals", proposalsOf(incident), "None follow from the log."),
    section("What people did", people([...records, ...meanwhile]), "Nothing."),
  ];
  return parts.join("\n");
}

function summary({ records }: Incident): string {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return "";
  const digests = [...new Set(records.map(({ policySetDigest }) => policySetDigest.slice(0, 12)))];
  return `${first.at} to ${last.at}, ${last.tick - first.tick} s; records: ${records.length}; intent ${digests.map(safe).join(", then ")}.`;
}

function acted(deed: Deed): string {
  const wayBack = `way back: ${safe(deed.account.wayBack ?? "none")}`;
  const outcome = `outcome: ${outcomeWords(deed, "not recorded")}`;
  return told(deed.record, `${safe(deed.action)}; ${wayBack}; ${outcome}`);
}

/** A decision without a reason is shown too: it should have one. */
function isReasoned(record: AuditRecord): boolean {
  if (record.kind === "decision") return true;
  return ["action", "outcome"].includes(record.kind) && accountOf(record).because.length > 0;
}

const WELL: readonly string[] = ["success", "recovered"];

/** Also one that came right in the end. */
function isOpen({ outcomes }: Deed): boolean {
  const judged = outcomes.filter(isJudged);
  return judged.length === 0 || judged.some(({ result }) => !WELL.includes(result));
}

function refusals(records: readonly AuditRecord[]): string[] {
  return records
    .filter(({ kind }) => kind === "refusal")
    .map((record) => told(record, `refused: ${reasons(record)}`));
}

/** What a push took is no input of a decision. */
function inputs(record: AuditRecord): string[] {
  if (record.subject.kind === "Engine") return [];
  return accountOf(record).evidence.map(({ words }) => told(record, safe(words)));
}

function people(records: readonly AuditRecord[]): string[] {
  return byPeople(records)
    .toSorted((a, b) => a.tick - b.tick)
    .map(deed);
}
