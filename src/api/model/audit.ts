import type { AuditReader } from "../../audit/reader.ts";
import type { AuditQuery, Page } from "../read-model.ts";
import type { AuditRecordView } from "../view/incident.ts";

/** The log as it is written, a page at a time; a page may be short and not be the last. */
export async function listRecords(
  reader: Pick<AuditReader, "list">,
  { limit, before, kind, subject, fromMs, toMs }: AuditQuery,
): Promise<Page<AuditRecordView>> {
  const after = before === undefined ? undefined : Number(before);
  if (after !== undefined && !Number.isSafeInteger(after)) return { items: [] };
  const { records, next } = await reader.list({
    limit,
    ...(kind !== undefined && { kind }),
    ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    ...(toMs !== undefined && { to: new Date(toMs).toISOString() }),
    ...(after !== undefined && { before: after }),
  });
  const items = records.filter((each) => subject === undefined || each.subject.name === subject);
  return { items, ...(next !== undefined && { next: String(next) }) };
}
