import { z } from "zod";
import { RECORD_KINDS } from "../decide/record.ts";

/**
 * One line of what was done to the mesh and why. `body` is what its kind needs; fields with a meaning of their own:
 * `because`, `evidence`, `action`, `wayBack`, `outcome`, and `causes`, the ids of the records this one follows from.
 */
export const auditRecord = z.object({
  /** Chosen by whoever writes it, unique. */
  id: z.string().min(1),
  /** When it was written: ISO 8601, UTC, as `Date.toISOString` gives it. */
  at: z.iso.datetime({ precision: 3 }),
  /** Second of Unix time it was decided for. */
  tick: z.int(),
  kind: z.enum([...RECORD_KINDS, "intent", "refusal", "login", "alert", "label"]),
  subject: z.object({ kind: z.string(), name: z.string() }),
  /** Who did it: a person, a service account, or `ENGINE`. */
  actor: z.string(),
  /** Of the intent in force. */
  policySetDigest: z.string(),
  body: z.record(z.string(), z.json()),
});

export type AuditRecord = z.infer<typeof auditRecord>;

/** The actor of everything automatic. */
export const ENGINE = "engine";

/** The stream of the store that holds the log. */
export const AUDIT_STREAM = "audit";

/** What the reader asks for; the store is opened with these. */
export const AUDIT_FIELDS = {
  [AUDIT_STREAM]: ["record.id", "record.at", "record.kind", "record.subject.name"],
} as const;
