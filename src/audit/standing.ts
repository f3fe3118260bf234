import type { AuditRecord } from "./record.ts";

type Json = AuditRecord["body"][string];

/** Verdicts after which a Policy's action is no longer there. */
export const TAKEN_BACK: readonly unknown[] = [
  "release",
  "expire",
  "revert",
  "no effect",
  "withdraw",
];

/** How a Rollout stands after a verdict about it. */
const ROLLOUT: Readonly<Record<string, string>> = {
  start: "under way",
  resume: "under way",
  advance: "under way",
  pause: "under way",
  promote: "promoted",
  "roll back": "rolled back",
};

/** What holds of a record's subject from that record on; null: the intent alone. Undefined: it changes nothing. */
export function standingOf({ kind, subject, body }: AuditRecord): Json | undefined {
  const { verdict, action } = body;
  if (kind === "action") return action ?? null;
  if (kind === "outcome") return TAKEN_BACK.includes(verdict) ? null : undefined;
  return subject.kind === "Rollout" && typeof verdict === "string" ? ROLLOUT[verdict] : undefined;
}

/** The same of what is in force. */
export function rolloutStanding(phase: string): string {
  return phase === "rolled back" || phase === "promoted" ? phase : "under way";
}
