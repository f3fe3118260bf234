import type { AuditReader } from "../../audit/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import type { AuditQuery, Page } from "../read-model.ts";
import type { AuditRecordView } from "../view/incident.ts";

/** The log as it is written, a page at a time; a page may be short and not be the last. */
export async function listRecords(
  reader: Pick<AuditReader, "list">,
  query: AuditQuery,
): Promise<Page<AuditRecordView>> {
  const { items, ...rest } = await readPage(reader, query);
  const { subject } = query;
  return {
    ...rest,
    items: items.filter((each) => subject === undefined || each.subject.name === subject),
  };
}

/** Of a kind and within times; a cursor that is none of ours gives an empty page. */
export async function readPage(
  reader: Pick<AuditReader, "list">,
  { limit, before, kind, fromMs, toMs }: Omit<AuditQuery, "subject">,
): Promise<Page<AuditRecord>> {
  const after = before === undefined ? undefined : Number(before);
  if (after !== undefined && !Number.isSafeInteger(after)) return { items: [] };
  const { records, next } = await reader.list({
    limit,
    ...(kind !== undefined && { kind }),
    ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    ...(toMs !== undefined && { to: new Date(toMs).toISOString() }),
    ...(after !== undefined && { before: after }),
  });
  return { items: records, ...(next !== undefined && { next: String(next) }) };
}
