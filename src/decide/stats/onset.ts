/**
 * Since when a rate is up: one-sided Poisson CUSUM, S = max(0, S + bad ln r - (r - 1) requests p), where p is the rate
 * that is normal and r the multiple looked for (Page, 1954). The onset is the last second S left 0. Plain JSON.
 */
export interface Onset {
  readonly sum: number;
  /** While the sum is above 0. */
  readonly sinceTick?: number;
}

export const NO_ONSET: Onset = { sum: 0 };

export function observeOnset(
  known: Onset,
  at: { readonly tick: number; readonly bad: number; readonly requests: number },
  /** `rate`: share of requests, > 0; `multiple` > 1. */
  normal: { readonly rate: number; readonly multiple: number },
): Onset {
  const gain = at.bad * Math.log(normal.multiple);
  const sum = known.sum + gain - (normal.multiple - 1) * at.requests * normal.rate;
  return sum <= 0 ? NO_ONSET : { sum, sinceTick: known.sinceTick ?? at.tick };
}
