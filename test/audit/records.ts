import type { AuditRecord } from "../../src/audit/record.ts";

const START_MS = Date.UTC(2026, 10, 20, 12);

/** The record of the second `tick` after the start, with what a test cares about. */
export function record(tick: number, part: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: `d-${tick}`,
    at: timeOf(tick),
    tick: START_MS / 1000 + tick,
    kind: "decision",
    subject: { kind: "Rollout", name: "checkout" },
    actor: "engine",
    policySetDigest: "5f0c",
    body: { because: `step ${tick}`, weight: tick / 7 },
    ...part,
  };
}

export function timeOf(tick: number): string {
  return new Date(START_MS + tick * 1000).toISOString();
}
