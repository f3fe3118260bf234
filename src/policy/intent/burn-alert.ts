/** OpenSLO `AlertPolicy` with its condition, told once the objective burns as fast. */
export interface BurnAlert {
  readonly name: string;
  readonly slo: string;
  readonly severity: Severity;
  /** Multiples of the rate that would just use up the budget. */
  readonly burn: number;
  readonly lookbackSeconds: number;
  /** How long it must hold. */
  readonly afterSeconds: number;
  readonly targets: readonly string[];
}

export type Severity = "page" | "ticket";
