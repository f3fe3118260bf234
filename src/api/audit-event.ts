import type { What } from "./commands.ts";

/** What the API tells the audit log: every order before it is given, and every refusal. Never a token or a header. */
export interface AuditEvent {
  readonly kind: "order" | "refusal";
  /** ISO 8601, UTC. */
  readonly at: string;
  /** As far as it was shown. */
  readonly actor: string;
  /** Address of the peer. */
  readonly from: string;
  /** What was asked: `promote`, `read` ... */
  readonly verb: string;
  /** Path that was asked. */
  readonly path: string;
  readonly reason?: string;
  /** Of an order. */
  readonly what?: What;
  /** Of a refusal: a sentence. */
  readonly why?: string;
}

/** A rejection means that it could not be written down: then the order is not given. */
export type Audit = (event: AuditEvent) => void | Promise<void>;
