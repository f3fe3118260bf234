/**
 * Where a signal would go if nothing were done: its last level, plus its trend as far as it has shown itself, give or
 * take what it moved over as long before. Level: median of the last values. Trend: median slope between the halves of
 * the past, damped over one length of it. Spread: the quantile of |x(t + h) - x(t)| less trend over the past (split
 * conformal), grown by the square root beyond it. Undefined below 20 values.
 */
export interface Forecast {
  readonly level: number;
  /** A second. */
  readonly trend: number;
  /** At an horizon of 1, 2, 4, ... seconds. */
  readonly spreads: readonly number[];
  readonly seconds: number;
}

const LEAST_VALUES = 20;
const LEVEL_VALUES = 10;
const COVERAGE = 0.95;

/** `values`: one a second, oldest first, up to the action. */
export function forecastOf(values: readonly number[]): Forecast | undefined {
  if (values.length < LEAST_VALUES) return undefined;
  const half = Math.floor(values.length / 2);
  const slopes = values.slice(half).map((value, at) => (value - (values[at] ?? value)) / half);
  const trend = median(slopes);
  const spreads: number[] = [];
  for (let ahead = 1; ahead <= half; ahead *= 2) spreads.push(spreadAt(values, ahead, trend));
  return { level: median(values.slice(-LEVEL_VALUES)), trend, spreads, seconds: values.length };
}

/** Least and most to be expected `ahead` >= 1 seconds after the past ended. */
export function intervalAt(
  { level, trend, spreads, seconds }: Forecast,
  ahead: number,
): { readonly least: number; readonly most: number } {
  const centre = level + trend * seconds * (1 - Math.exp(-ahead / seconds));
  const at = Math.min(spreads.length - 1, Math.floor(Math.log2(ahead)));
  const beyond = Math.max(1, ahead / 2 ** (at + 1));
  const spread = Math.max(...spreads.slice(0, at + 1)) * Math.sqrt(beyond);
  return { least: centre - spread, most: centre + spread };
}

function spreadAt(values: readonly number[], ahead: number, trend: number): number {
  const moves = values
    .slice(ahead)
    .map((value, at) => Math.abs(value - (values[at] ?? value) - trend * ahead))
    .sort((a, b) => a - b);
  return moves[Math.min(moves.length - 1, Math.ceil(COVERAGE * moves.length))] ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
