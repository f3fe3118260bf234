import { accountOf } from "./account.ts";
import type { AuditReader } from "./reader.ts";
import type { AuditRecord } from "./record.ts";

/**
 * The records of one incident: the one that is named, all it follows from, all that followed from it and from the decisions
 * before it; and what people did about the same things meanwhile.
 */
export interface Incident {
  readonly id: string;
  /** By time. */
  readonly records: readonly AuditRecord[];
  /** Of people, on the same subjects or on everything, and not among `records`; by time. */
  readonly meanwhile: readonly AuditRecord[];
}

const MEANWHILE: readonly AuditRecord["kind"][] = ["override", "freeze", "approval", "intent"];
const MARGIN_MS = 10 * 60_000;
/** What follows from a decision is over by then. */
const LONGEST_MS = 24 * 3_600_000;
const PAGE = 1000;

/** Undefined if there is no such record. `records`: of the time around it, in any order. */
export function incidentOf(records: readonly AuditRecord[], id: string): Incident | undefined {
  const byId = new Map(records.map((record) => [record.id, record]));
  if (!byId.has(id)) return undefined;
  const effects = effectsOf(records);
  const before = reached([id], (each) => causesOf(byId.get(each)));
  const starts = before.filter((each) => each === id || byId.get(each)?.kind === "decision");
  const after = reached(starts, (each) => effects.get(each) ?? []);
  const ids = new Set([...before, ...after].filter((each) => byId.has(each)));
  const chosen = inOrder(records.filter((record) => ids.has(record.id)));
  return { id, records: chosen, meanwhile: inOrder(peopleMeanwhile(records, chosen)) };
}

/** From the log. */
export async function readIncident(
  reader: Pick<AuditReader, "find" | "list">,
  id: string,
): Promise<Incident | undefined> {
  const causes = new Map<string, AuditRecord>();
  const asked = [id];
  for (const each of asked) {
    const record = causes.has(each) ? undefined : await reader.find(each);
    if (record === undefined) continue;
    causes.set(each, record);
    asked.push(...causesOf(record));
  }
  const named = causes.get(id);
  if (named === undefined) return undefined;
  const firstMs = Math.min(...[...causes.values()].map(({ at }) => Date.parse(at)));
  const around = await readBetween(reader, {
    from: toIso(firstMs - MARGIN_MS),
    to: toIso(Date.parse(named.at) + LONGEST_MS),
  });
  return incidentOf(
    [...new Map([...causes, ...around.map((record) => [record.id, record] as const)]).values()],
    id,
  );
}

async function readBetween(
  reader: Pick<AuditReader, "list">,
  window: { readonly from: string; readonly to: string },
): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  let before: number | undefined;
  do {
    const at = before === undefined ? {} : { before };
    const page = await reader.list({ ...window, ...at, limit: PAGE });
    found.push(...page.records);
    before = page.next;
  } while (before !== undefined);
  return found;
}

function peopleMeanwhile(
  records: readonly AuditRecord[],
  chosen: readonly AuditRecord[],
): AuditRecord[] {
  const subjects = new Set(chosen.map(subjectKey));
  const from = toIso(Date.parse(chosen[0]?.at ?? "") - MARGIN_MS);
  const to = toIso(Date.parse(chosen.at(-1)?.at ?? "") + MARGIN_MS);
  return records.filter(
    (record) =>
      MEANWHILE.includes(record.kind) &&
      !chosen.includes(record) &&
      record.at >= from &&
      record.at <= to &&
      (record.kind === "freeze" || record.kind === "intent" || subjects.has(subjectKey(record))),
  );
}

/** Everything that can be come to from there, the start included. */
function reached(from: readonly string[], next: (id: string) => readonly string[]): string[] {
  const seen = new Set(from);
  // A Set is walked over what is added on the way, too.
  for (const id of seen) for (const other of next(id)) seen.add(other);
  return [...seen];
}

function effectsOf(records: readonly AuditRecord[]): Map<string, string[]> {
  const effects = new Map<string, string[]>();
  for (const record of records) {
    for (const cause of causesOf(record)) {
      effects.set(cause, [...(effects.get(cause) ?? []), record.id]);
    }
  }
  return effects;
}

function causesOf(record: AuditRecord | undefined): readonly string[] {
  return record === undefined ? [] : accountOf(record).causes;
}

export function subjectKey({ subject }: AuditRecord): string {
  return `${subject.kind}/${subject.name}`;
}

function inOrder(records: readonly AuditRecord[]): AuditRecord[] {
  return records.toSorted((a, b) => a.tick - b.tick || compare(a.at, b.at) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
