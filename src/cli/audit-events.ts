import { randomUUID } from "node:crypto";
import type { Audit, AuditEvent } from "../api/audit-event.ts";
import type { What } from "../api/commands.ts";
import type { AuditLog } from "../audit/log.ts";

/**
 * Refusals of the API in the audit log, changes of intent, and labels of alerts. Another order that is given needs none of it
 * here: the engine's own record of it names who gave it. Nobody can fill the disk by asking: of one second only so many
 * refusals are written.
 */
const MOST_A_SECOND = 10;

export function auditOf(log: Pick<AuditLog, "append">, digest: () => string): Audit {
  const intentRecord = ({ at, actor, path, from, what, reason }: AuditEvent) => {
    const { to, allowShrink } = what as Extract<What, { kind: "apply" }>;
    const asked = "without" in to ? `remove ${to.without.join(", ")}` : `apply ${to.length} files`;
    return {
      id: `i-${randomUUID()}`,
      at,
      tick: Math.floor(Date.parse(at) / 1000),
      kind: "intent" as const,
      subject: { kind: "Api", name: "apply" },
      actor,
      policySetDigest: digest(),
      body: {
        verdict: "apply",
        because: [reason ?? "no reason given"],
        ...{ asked, allowShrink, path, from, causes: [] },
      },
    };
  };
  let second = 0;
  let written = 0;
  return async (event) => {
    if (event.kind === "order" && event.what?.kind === "apply" && !event.what.isTrial) {
      await log.append(intentRecord(event));
      return;
    }
    const isLabel = event.kind === "order" && event.what?.kind === "label";
    if (event.kind === "order" && !isLabel) return;
    const tick = Math.floor(Date.parse(event.at) / 1000);
    written = tick === second ? written + 1 : 1;
    second = tick;
    if (written > MOST_A_SECOND && !isLabel) return;
    const { at, actor, verb, path, from, why, what, reason } = event;
    if (what?.kind === "label" && isLabel) {
      const said = `${actor} says: ${what.actionable === "yes" ? "" : "not "}worth waking somebody${reason === undefined ? "" : ` (${reason})`}.`;
      await log.append({
        ...{ id: `l-${randomUUID()}`, at, tick, kind: "label", actor },
        subject: { kind: "Alert", name: what.alert },
        policySetDigest: digest(),
        body: {
          ...{ verdict: `label ${what.actionable}`, actionable: what.actionable },
          ...{ because: [said], from, causes: [] },
        },
      });
      return;
    }
    await log.append({
      id: `r-${randomUUID()}`,
      at,
      tick,
      kind: "refusal",
      subject: { kind: "Api", name: verb },
      actor,
      policySetDigest: digest(),
      body: { verdict: "refuse", because: [why ?? "refused"], path, from, causes: [] },
    });
  };
}
