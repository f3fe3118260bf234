import { type Account, accountOf, type Outcome } from "./account.ts";
import { subjectKey } from "./incident-records.ts";
import { type AuditRecord, ENGINE } from "./record.ts";
import { standingOf } from "./standing.ts";

/** Records as lines of markdown. Names and values come from outside: nothing in them is markup. */
export function told(record: AuditRecord, what: string): string {
  const sentence = what.replace(/\.$/, "");
  return `- ${timeOf(record)} ${safe(record.id)}, ${safe(subjectKey(record))}: ${sentence}.`;
}

/** `a section` with its lines, or the sentence that there are none. */
export function section(title: string, lines: readonly string[], none: string): string {
  return `## ${title}\n${lines.length > 0 ? lines.join("\n") : none}\n`;
}

export function reasons(record: AuditRecord): string {
  const { because } = accountOf(record);
  return because.length > 0 ? because.map(safe).join("; ") : "no reason was recorded";
}

/** What a person did, and why. */
export function deed(record: AuditRecord): string {
  const { action } = accountOf(record);
  const what = action === undefined ? record.kind : `${record.kind}, ${safe(action)}`;
  return told(record, `${what}, by ${safe(record.actor)}: ${reasons(record)}`);
}

export function byPeople(records: readonly AuditRecord[]): AuditRecord[] {
  return records.filter(({ actor }) => actor !== ENGINE);
}

export function safe(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|#]/g, "\\$&");
}

/** `12:00:41`; the day is in the title. */
export function timeOf({ at }: Pick<AuditRecord, "at">): string {
  return at.slice(11, 19);
}

/** An action with what came of it. */
export interface Deed {
  readonly record: AuditRecord;
  /** `back to the intent` for an action `null`. */
  readonly action: string;
  readonly account: Account;
  /** Oldest first; empty: nothing was recorded. */
  readonly outcomes: readonly Outcome[];
}

/** The actions among the records, which are ordered by time; an outcome is its own or of a record that follows from it. */
export function deedsOf(records: readonly AuditRecord[]): Deed[] {
  return deedsAmong(records, ({ kind }) => kind === "action");
}

/** And the verdicts by which a Rollout moves its weights, which nothing judges afterwards but the next of them. */
export function movesOf(records: readonly AuditRecord[]): Deed[] {
  return deedsAmong(
    records,
    (record) =>
      record.kind === "action" || (record.kind === "decision" && standingOf(record) !== undefined),
  );
}

function deedsAmong(
  records: readonly AuditRecord[],
  isDeed: (record: AuditRecord) => boolean,
): Deed[] {
  const accounts = records.map((record) => ({ record, account: accountOf(record) }));
  return accounts
    .filter(({ record }) => isDeed(record))
    .map((deed) => {
      const { record, account } = deed;
      const later = accounts.filter((other) => other.account.causes.includes(record.id));
      const outcomes = [account, ...later.map((other) => other.account)].flatMap(
        ({ outcome }) => outcome ?? [],
      );
      const { verdict } = record.body;
      const named =
        record.kind === "decision"
          ? String(verdict)
          : (account.action ?? "an action without a name");
      return {
        ...deed,
        action: record.body.action === null ? "back to the intent" : named,
        outcomes,
      };
    });
}

/** That an action is held, or over, says nothing of whether it helped. */
const UNJUDGED: readonly string[] = ["applied", "release", "expire", "withdraw"];

export function isJudged({ result }: Outcome): boolean {
  return !UNJUDGED.includes(result);
}

/** `partial (nodes edge-1), then success`. */
export function outcomeWords({ outcomes }: Deed, none: string): string {
  return outcomes.length === 0 ? none : outcomes.map(({ words }) => safe(words)).join(", then ");
}
