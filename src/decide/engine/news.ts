import { digestOf } from "../../policy/digest.ts";
import type { DecisionRecord, RecordBody, RecordKind, Subject } from "../record.ts";

/** What one machine has to tell of a tick; the engine makes a record of it. */
export interface News {
  readonly kind: RecordKind;
  readonly subject: Subject;
  readonly actor?: string;
  readonly body: Omit<RecordBody, "causes"> & { readonly causes?: readonly string[] };
}

/** Of one tick, each with an id of its own. */
export function toRecords(news: readonly News[], at: Told): DecisionRecord[] {
  const said = new Map<string, number>();
  return news.map((each) => {
    const record = toRecord(each, at);
    const times = (said.get(record.id) ?? 0) + 1;
    said.set(record.id, times);
    return times === 1 ? record : { ...record, id: `${record.id}-${times}` };
  });
}

interface Told {
  readonly tick: number;
  readonly policySetDigest: string;
}

/** The id is of the input alone, so that a replay names the same things alike. */
export function toRecord(news: News, at: Told): DecisionRecord {
  const { kind, subject, actor = "engine", body } = news;
  return {
    id: idOf(at.tick, news),
    tick: at.tick,
    kind,
    subject,
    actor,
    policySetDigest: at.policySetDigest,
    body: { ...body, causes: body.causes ?? [] },
  };
}

/** Of the first in its tick that says this of its subject: people may say a thing twice in a second, a machine never does. */
export function idOf(tick: number, { subject, body }: Pick<News, "subject" | "body">): string {
  const hash = digestOf([tick, subject.kind, subject.name, body.verdict]).slice(0, 6);
  return `${tick.toString(36)}-${hash}`;
}
