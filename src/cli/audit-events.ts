import { randomUUID } from "node:crypto";
import type { Audit, AuditEvent } from "../api/audit-event.ts";
import type { What } from "../api/commands.ts";
import type { AuditLog } from "../audit/log.ts";
import type { AuditRecord } from "../audit/record.ts";

/**
 * Refusals of the API in the audit log, changes of intent, and labels of alerts. Another order that is given needs none of it
 * here: the engine's own record of it names who gave it. Nobody can fill the disk by asking: of one second only so many
 * refusals are written.
 */
const MOST_A_SECOND = 10;

export function auditOf(log: Pick<AuditLog, "append">, digest: () => string): Audit {
  let second = 0;
  let written = 0;
  const isOneTooMany = (tick: number): boolean => {
    written = tick === second ? written + 1 : 1;
    second = tick;
    return written > MOST_A_SECOND;
  };
  return async (event) => {
    const entry = event.kind === "order" ? orderEntry(event) : refusalEntry(event);
    if (entry === undefined) return;
    const { at, actor } = event;
    const tick = Math.floor(Date.parse(at) / 1000);
    if (entry.kind === "refusal" && isOneTooMany(tick)) return;
    await log.append({ ...entry, at, tick, actor, policySetDigest: digest() });
  };
}

type Entry = Pick<AuditRecord, "id" | "kind" | "subject" | "body">;
type Asked<Kind> = Extract<What, { kind: Kind }>;

function orderEntry(event: AuditEvent): Entry | undefined {
  const { what } = event;
  if (what?.kind === "apply" && !what.isTrial) return intentEntry(event, what);
  return what?.kind === "label" ? labelEntry(event, what) : undefined;
}

function intentEntry({ path, from, reason }: AuditEvent, what: Asked<"apply">): Entry {
  const { to, allowShrink } = what;
  const asked = "without" in to ? `remove ${to.without.join(", ")}` : `apply ${to.length} files`;
  const because = [reason ?? "no reason given"];
  return {
    id: `i-${randomUUID()}`,
    kind: "intent",
    subject: { kind: "Api", name: "apply" },
    body: { verdict: "apply", because, asked, allowShrink, path, from, causes: [] },
  };
}

function labelEntry({ actor, from, reason }: AuditEvent, what: Asked<"label">): Entry {
  const { actionable, alert } = what;
  const why = reason === undefined ? "" : ` (${reason})`;
  const said = `${actor} says: ${actionable === "yes" ? "" : "not "}worth waking somebody${why}.`;
  return {
    id: `l-${randomUUID()}`,
    kind: "label",
    subject: { kind: "Alert", name: alert },
    body: { verdict: `label ${actionable}`, actionable, because: [said], from, causes: [] },
  };
}

function refusalEntry({ verb, path, from, why }: AuditEvent): Entry {
  return {
    id: `r-${randomUUID()}`,
    kind: "refusal",
    subject: { kind: "Api", name: verb },
    body: { verdict: "refuse", because: [why ?? "refused"], path, from, causes: [] },
  };
}
