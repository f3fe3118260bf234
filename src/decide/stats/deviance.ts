/**
 * x ln(x / mean) + mean - x for x >= 0 and mean > 0: how far a count is from its mean, in nats; 0 where they are equal.
 * Exponent of Poisson and binomial densities (Loader, 2000). Written as x (u - ln(1 + u)), u = (mean - x) / x, so that
 * nothing cancels where the two are close.
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const u = (mean - x) / x;
  const s = u / (2 + u);
  return Math.abs(s) > 0.3 ? x * Math.log(x / mean) + mean - x : x * lessLog(u, s);
}

/** u - ln(1 + u) by ln(1 + u) = 2 atanh(s), s = u / (2 + u). */
function lessLog(u: number, s: number): number {
  const square = s * s;
  let sum = 0;
  for (let k = 41; k >= 3; k -= 2) sum = sum * square + 1 / k;
  return u * s - 2 * s * square * sum;
}
