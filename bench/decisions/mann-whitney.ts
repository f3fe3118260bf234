/**
 * Kayenta's rule, restated: the interval at 98 % of the shift between two samples by Mann and Whitney (Hodges and
 * Lehmann's estimate with the normal quantile of U); up if the interval's lower end is above a quarter of the estimate.
 * Equal samples are not shifted.
 */
export function isShiftedUp(experiment: readonly number[], control: readonly number[]): boolean {
  const shifts = new Float64Array(experiment.length * control.length);
  let at = 0;
  for (const a of experiment) for (const b of control) shifts[at++] = a - b;
  shifts.sort();
  const [m, n] = [experiment.length, control.length];
  const spread = Math.sqrt((m * n * (m + n + 1)) / 12);
  const below = Math.floor((m * n) / 2 - Z_98 * spread);
  if (below < 0) return false;
  const estimate = shifts[Math.floor(shifts.length / 2)]!;
  return estimate > 0 && shifts[below]! > 0.25 * estimate;
}

/** Two-sided. */
const Z_98 = 2.3263;
