import type { Severity } from "./burn-alert.ts";

export interface Runbook {
  readonly name: string;
  readonly owner: string;
  readonly steps: readonly RunbookStep[];
  readonly timeoutSeconds: number;
  readonly onFail: Severity | "ignore";
  /** Address of what people read. */
  readonly page?: string;
}

export interface RunbookStep {
  /** Of type webhook. */
  readonly adapter: string;
  /** Appended to the address of the Adapter. */
  readonly path: string;
  /** The key is the decision's id alone; else of the run and the step. */
  readonly isKeyOfDecision: boolean;
  readonly approval?: {
    readonly need: number;
    /** Roles or names. */
    readonly from: readonly string[];
    readonly withinSeconds: number;
  };
}
