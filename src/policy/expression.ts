/** A condition of the policy language (CEL), checked for types and cost when the intent was loaded. */
export interface Expression {
  readonly text: string;
  /** Names of SLOs, Rollouts, signals and so on that it reads, as `function:name`. */
  readonly reads: readonly string[];
}
