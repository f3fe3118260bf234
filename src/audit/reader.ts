import { z } from "zod";
import type { Entry, Store, Where } from "../store/store.ts";
import { AUDIT_STREAM, type AuditRecord, auditRecord } from "./record.ts";

/** Records by id, subject, kind and time, newest first (by time, if that is all that is asked for), a page at a time. */
export interface AuditQuery {
  readonly subject?: { readonly kind: string; readonly name: string };
  readonly kind?: AuditRecord["kind"];
  /** ISO 8601 in UTC, both included. */
  readonly from?: string;
  readonly to?: string;
  /** `next` of the page before. */
  readonly before?: number;
  /** 1..1000. */
  readonly limit: number;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Ask with it for what is older; absent: there is nothing. A page may be short and still have it. */
  readonly next?: number;
}

/** Entries looked at for one page: bounds the time of a question that hardly anything answers. */
const LOOKED_AT = 2000;

const LEAST_CHUNK = 100;

/** Never a time of day an entry could have. */
const EVER = { from: "", to: "~" };

const entry = z.object({ record: auditRecord });

export class AuditReader {
  constructor(private readonly store: Pick<Store, "read">) {}

  /** The oldest of that id. */
  async find(id: string): Promise<AuditRecord | undefined> {
    const where = { field: "record.id", from: id, to: id };
    const [found] = await this.store.read(AUDIT_STREAM, { limit: 1, where });
    return found === undefined ? undefined : toRecord(found);
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const where = narrowest(query);
    const records: AuditRecord[] = [];
    const limit = Math.max(query.limit, LEAST_CHUNK);
    let after = query.before;
    for (let looked = 0; looked < LOOKED_AT; looked += limit) {
      const chunk = await this.store.read(AUDIT_STREAM, {
        limit,
        reverse: true,
        ...(after === undefined ? {} : { after }),
        ...(where === undefined ? {} : { where }),
      });
      for (const found of chunk) {
        const record = toRecord(found);
        after = found.seq;
        if (answers(record, query)) records.push(record);
        if (records.length === query.limit) return { records, next: after };
      }
      if (chunk.length < limit) return { records };
    }
    return after === undefined ? { records } : { records, next: after };
  }
}

/** The one field the store is asked for; the rest is sifted here. */
function narrowest({ subject, kind, from, to }: AuditQuery): Where | undefined {
  if (subject !== undefined)
    return { field: "record.subject.name", from: subject.name, to: subject.name };
  if (from !== undefined || to !== undefined)
    return { field: "record.at", from: from ?? EVER.from, to: to ?? EVER.to };
  if (kind !== undefined) return { field: "record.kind", from: kind, to: kind };
  return undefined;
}

function answers(record: AuditRecord, { subject, kind, from, to }: AuditQuery): boolean {
  if (subject !== undefined && record.subject.kind !== subject.kind) return false;
  if (kind !== undefined && record.kind !== kind) return false;
  return record.at >= (from ?? EVER.from) && record.at <= (to ?? EVER.to);
}

function toRecord({ seq, body }: Entry): AuditRecord {
  const parsed = entry.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data.record;
  throw new Error(`audit entry ${seq}: is no record: run \`qmesh audit verify\`.`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
