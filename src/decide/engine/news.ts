import { digestOf } from "../../policy/digest.ts";
import type { DecisionRecord, RecordBody, RecordKind, Subject } from "../record.ts";

/** What one machine has to tell of a tick; the engine makes a record of it. */
export interface News {
  readonly kind: RecordKind;
  readonly subject: Subject;
  readonly actor?: string;
  readonly body: Omit<RecordBody, "causes"> & { readonly causes?: readonly string[] };
}

/** The id is of the input alone, so that a replay names the same things alike. */
export function toRecord(
  news: News,
  at: { readonly tick: number; readonly policySetDigest: string },
): DecisionRecord {
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

/** Of all that a machine says in one tick no two verdicts about one subject are the same. */
export function idOf(tick: number, { subject, body }: Pick<News, "subject" | "body">): string {
  const hash = digestOf([tick, subject.kind, subject.name, body.verdict]).slice(0, 6);
  return `${tick.toString(36)}-${hash}`;
}
