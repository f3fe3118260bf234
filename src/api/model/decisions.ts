import type { AuditReader } from "../../audit/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import { describeMove } from "../../decide/act/action.ts";
import { explainRecord } from "../../decide/explain-record.ts";
import { type DecisionRecord, RECORD_KINDS } from "../../decide/record.ts";
import type { DecisionQuery, Page } from "../read-model.ts";
import type { DecisionDetail, DecisionView } from "../view/decision.ts";
import { readPage } from "./audit.ts";
import { causesOf, latencyOf, type Outcomes, outcomeOf, outcomesAmong } from "./what-came.ts";

/** Decisions as the API shows them, from the audit log: what is not written there did not happen. */
const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);

/** Records after one that may name it as their cause: those of its own subject however late, of others those that came soon. */
const LATER_LIMIT = 1000;
const SOON_MS = 10 * 60_000;
/** Of an older page: whether it helped is known by then. */
const KNOWN_MS = 60 * 60_000;

/** Where decisions are written, and what they are about in the intent of now. */
export interface DecisionLog {
  readonly reader: Pick<AuditReader, "find" | "list">;
  serviceOf(subject: AuditRecord["subject"]): string | undefined;
}

export async function listDecisions(
  log: DecisionLog,
  query: DecisionQuery,
): Promise<Page<DecisionView>> {
  const { kind, subject, service, before, toMs } = query;
  const { items: records, ...rest } = await readPage(log.reader, query);
  const isNewest = before === undefined && toMs === undefined && kind === undefined;
  const outcomes = outcomesAmong(isNewest ? records : await outcomesOf(log, records));
  const items = records
    .filter((each) => KINDS.has(each.kind))
    .filter((each) => subject === undefined || each.subject.name === subject)
    .map((each) => toView(each, log, outcomes))
    .filter((each) => service === undefined || each.service === service);
  return { ...rest, items };
}

/** What came of the records of an older page. */
async function outcomesOf(
  { reader }: DecisionLog,
  records: readonly AuditRecord[],
): Promise<readonly AuditRecord[]> {
  const [newest, oldest] = [records[0], records.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const to = laterBy(newest.at, KNOWN_MS);
  return (await reader.list({ limit: LATER_LIMIT, kind: "outcome", from: oldest.at, to })).records;
}

/** What was written after a record that may be of it, the newest first. */
async function after({ reader }: DecisionLog, record: AuditRecord): Promise<AuditRecord[]> {
  const { at: from, subject } = record;
  const [soon, own] = await Promise.all([
    reader.list({ limit: LATER_LIMIT, from, to: laterBy(from, SOON_MS) }),
    reader.list({ limit: LATER_LIMIT, from, subject }),
  ]);
  const known = new Set(soon.records.map(({ id }) => id));
  return [...own.records.filter(({ id }) => !known.has(id)), ...soon.records].sort((a, b) =>
    a.at < b.at ? 1 : -1,
  );
}

function laterBy(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}

export async function findDecision(
  log: DecisionLog,
  id: string,
): Promise<DecisionDetail | undefined> {
  const found = await log.reader.find(id);
  if (found === undefined || !KINDS.has(found.kind)) return undefined;
  const followed = await after(log, found);
  const outcomes = outcomesAmong(followed);
  const later = followed
    .filter((each) => KINDS.has(each.kind) && causesOf(each).includes(id))
    .toReversed();
  const record = toDecision(found);
  const { body } = record;
  return {
    ...toView(found, log, outcomes),
    seen: (body.seen ?? []).map(({ value = null, ...rest }) => ({ ...rest, value })),
    believed: body.believed ?? [],
    weighed: (body.weighed ?? []).map(({ action: _, ...rest }) => rest),
    guards: body.guards ?? [],
    ...(body.flip !== undefined && { flip: body.flip }),
    ...(body.action !== undefined && { action: describeMove(body.action.move) }),
    ...(body.wayBack !== undefined && { wayBack: body.wayBack }),
    causes: body.causes,
    ...(body.traces !== undefined && { traceIds: body.traces }),
    explanation: explainRecord(record, { later: later.map(toDecision), timeOf }),
    later: later.map((each) => toView(each, log, outcomes)),
  };
}

function toView(record: AuditRecord, log: DecisionLog, outcomes: Outcomes): DecisionView {
  const { id, at, kind, subject, actor } = record;
  const body = toDecision(record).body;
  const service = log.serviceOf(subject);
  const followers = outcomes.of(id);
  return {
    id,
    at,
    kind: kind as DecisionView["kind"],
    subject,
    ...(service !== undefined && { service }),
    actor,
    ...(body.mode !== undefined && { mode: body.mode }),
    verdict: body.verdict,
    because: body.because,
    ...outcomeOf(followers),
    ...latencyOf(record, followers),
  };
}

/** The engine wrote it, so it has the engine's shape. */
function toDecision(record: AuditRecord): DecisionRecord {
  return record as unknown as DecisionRecord;
}

export function timeOf(tick: number): string {
  return new Date(tick * 1000).toISOString();
}
