/** STUB until the statistics branch lands. */
export function pRateAbove(bad: number, total: number, x: number, _prior: number): number {
  const mean = (bad + 0.5) / (total + 0.5 / x);
  const sd = Math.sqrt(bad + 0.5) / (total + 1);
  return 1 / (1 + Math.exp(-1.7 * ((mean - x) / sd)));
}
