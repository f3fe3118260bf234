export type Severity = "error" | "warning";

/** One thing wrong with the intent, where it stands and what would be right. */
export interface Problem {
  readonly severity: Severity;
  /** Stable, `QM` and four digits. */
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `Kind/name`, or `document N` before a name is known. */
  readonly document: string;
  /** `spec.rules[0].backendRefs[1].weight`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
}
