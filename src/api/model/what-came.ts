import { MeasureReader } from "../../audit/measures.ts";
import { type AuditRecord, ENGINE } from "../../audit/record.ts";
import { type DecisionView, OUTCOMES } from "../view/decision.ts";

/** What came of a decision and how long it took, by the records that name it as their cause. */
export interface Outcomes {
  /** Oldest first. */
  of(id: string): readonly AuditRecord[];
}

export function outcomesAmong(records: readonly AuditRecord[]): Outcomes {
  const byCause = new Map<string, AuditRecord[]>();
  for (const each of records.toSorted((a, b) => a.tick - b.tick)) {
    if (each.kind !== "outcome") continue;
    for (const cause of causesOf(each)) byCause.set(cause, [...(byCause.get(cause) ?? []), each]);
  }
  return { of: (id) => byCause.get(id) ?? [] };
}

export function causesOf({ body }: AuditRecord): readonly string[] {
  return Array.isArray(body.causes) ? (body.causes as string[]) : [];
}

/** Whether it helped goes before whether all Envoys hold it. */
export function outcomeOf(followers: readonly AuditRecord[]): Pick<DecisionView, "outcome"> {
  const told = followers.flatMap((each) => {
    // What is taken back before its time did harm.
    const verdict = each.body.verdict === "revert" ? "harm" : each.body.verdict;
    const state = OUTCOMES.find((one) => one === verdict);
    const [text = ""] = Array.isArray(each.body.because) ? each.body.because.map(String) : [];
    return state === undefined ? [] : [{ isPush: isPush(each), state, text }];
  });
  const found = told.find((each) => !each.isPush) ?? told[0];
  return found === undefined ? {} : { outcome: { state: found.state, text: found.text } };
}

/** Kinds that the engine comes to by itself, from evidence. */
const JUDGED = new Set<string>(["decision", "action", "page", "ticket"]);

/** By the stages its push measured; without a push, from the end of the second judged until it was written down. */
export function latencyOf(
  record: Pick<AuditRecord, "actor" | "at" | "kind" | "tick">,
  followers: readonly AuditRecord[],
): Pick<DecisionView, "latency"> {
  const { actor, at, kind, tick } = record;
  if (actor !== ENGINE || !JUDGED.has(kind)) return {};
  const push = followers.find(isPush);
  const stages = new Map(
    (push === undefined ? [] : new MeasureReader().read(push)).flatMap((each) =>
      each.measure === "M4" ? [[each.stage, each.seconds]] : [],
    ),
  );
  const ms = (...names: readonly ("ingest" | "evaluation" | "push" | "ack")[]) =>
    Math.round(names.reduce((sum, name) => sum + 1000 * (stages.get(name) ?? 0), 0));
  if (stages.size === 0)
    return { latency: { decideMs: Math.max(0, Date.parse(at) - tick * 1000) } };
  return {
    latency: { decideMs: ms("ingest", "evaluation"), applyMs: ms("push", "ack") },
  };
}

function isPush({ subject }: AuditRecord): boolean {
  return subject.kind === "Engine";
}
