import type { AuditReader } from "../../audit/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import { describeMove } from "../../decide/act/action.ts";
import { explainRecord } from "../../decide/explain-record.ts";
import type { DecisionRecord } from "../../decide/record.ts";
import type { DecisionQuery, Page } from "../read-model.ts";
import { type DecisionDetail, type DecisionView, decisionView } from "../view/decision.ts";

/** Decisions as the API shows them, from the audit log: what is not written there did not happen. */
const KINDS = new Set<string>(decisionView.shape.kind.options);

/** Records after one that may name it as their cause. */
const LATER_LIMIT = 1000;

export async function listDecisions(
  reader: AuditReader,
  { kind, subject, limit, before, fromMs, toMs }: DecisionQuery,
): Promise<Page<DecisionView>> {
  const after = before === undefined ? undefined : Number(before);
  if (after !== undefined && !Number.isSafeInteger(after)) return { items: [] };
  const { records, next } = await reader.list({
    limit,
    ...(kind !== undefined && { kind }),
    ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    ...(toMs !== undefined && { to: new Date(toMs).toISOString() }),
    ...(after !== undefined && { before: after }),
  });
  const items = records
    .filter((each) => KINDS.has(each.kind))
    .filter((each) => subject === undefined || each.subject.name === subject)
    .map((each) => toView(each));
  return { items, ...(next !== undefined && { next: String(next) }) };
}

export async function findDecision(
  reader: AuditReader,
  id: string,
): Promise<DecisionDetail | undefined> {
  const found = await reader.find(id);
  if (found === undefined || !KINDS.has(found.kind)) return undefined;
  const { records } = await reader.list({ limit: LATER_LIMIT, from: found.at });
  const later = records
    .filter((each) => causesOf(each).includes(id))
    .reverse()
    .map(toDecision);
  const record = toDecision(found);
  const { body } = record;
  return {
    ...toView(found),
    seen: (body.seen ?? []).map(({ value = null, ...rest }) => ({ ...rest, value })),
    weighed: (body.weighed ?? []).map(({ text, gain, why }) => ({
      text,
      why,
      ...(gain !== undefined && { gain }),
    })),
    guards: body.guards ?? [],
    ...(body.flip !== undefined && { flip: body.flip }),
    ...(body.action !== undefined && { action: describeMove(body.action.move) }),
    ...(body.wayBack !== undefined && { wayBack: body.wayBack }),
    causes: body.causes,
    ...(body.traces !== undefined && { traceIds: body.traces }),
    explanation: explainRecord(record, { later, timeOf }),
    later: later.map((each) => toView({ ...each, at: timeOf(each.tick) })),
  };
}

function toView(record: Omit<AuditRecord, "body"> & { readonly body: object }): DecisionView {
  const { id, at, kind, subject, actor } = record;
  const body = record.body as DecisionRecord["body"];
  return {
    id,
    at,
    kind: kind as DecisionView["kind"],
    subject,
    actor,
    ...(body.mode !== undefined && { mode: body.mode }),
    verdict: body.verdict,
    because: body.because,
  };
}

function causesOf({ body }: AuditRecord): readonly string[] {
  return Array.isArray(body.causes) ? (body.causes as string[]) : [];
}

/** The engine wrote it, so it has the engine's shape. */
function toDecision(record: AuditRecord): DecisionRecord {
  return record as unknown as DecisionRecord;
}

export function timeOf(tick: number): string {
  return new Date(tick * 1000).toISOString();
}
