import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Belief, Hypothesis } from "../stats/hypotheses.ts";

/**
 * How much of a loss each action takes away, by what is behind it: shares in [0, 1] set by hand, which what the action did
 * before corrects (`learned`). An action that is no cure, a copy or a fault on purpose, has none and is not weighed.
 */
type Kind = PolicyAction["kind"];

const CURES: Readonly<Partial<Record<Kind, Partial<Belief>>>> = {
  rollback: { "canary fault": 0.95 },
  weights: { "canary fault": 0.9, "locality fault": 0.3 },
  shift: { "locality fault": 0.9 },
  shed: { overload: 0.8, attack: 0.6, "shared dependency": 0.6 },
  rateLimit: { overload: 0.8, attack: 0.8, "shared dependency": 0.6 },
  outlier: { "canary fault": 0.4, "locality fault": 0.5 },
  circuitBreaker: { overload: 0.5, "shared dependency": 0.6 },
  timeout: { overload: 0.4, "shared dependency": 0.5 },
  retries: { overload: 0.6, "shared dependency": 0.6 },
  deny: { attack: 0.95 },
};

export function curesOf({ kind }: PolicyAction): Partial<Belief> | undefined {
  return CURES[kind];
}

/** Hypotheses that some action of a list cures: whoever wrote the list had them in mind. */
export function meantBy(actions: readonly PolicyAction[]): ReadonlySet<Hypothesis> {
  return new Set(actions.flatMap((action) => Object.keys(curesOf(action) ?? {}) as Hypothesis[]));
}

/** What came of one action of a Policy so far. */
export interface Tried {
  readonly helped: number;
  /** No effect, or harm. */
  readonly failed: number;
}

/** As heavy as two tries that went well. */
const TRUST = 2;

/** Factor on its cures, (0, 1]. */
export function learned({ helped, failed }: Tried): number {
  return (TRUST + helped) / (TRUST + helped + failed);
}
