import type { Random } from "../law/random.ts";

/** Draws of counts; normal where more than 100 are expected on either side, else exact. */
export function binomial(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  if (n * p > 100) {
    const value = Math.round(n * p + random.normal() * Math.sqrt(n * p * (1 - p)));
    return Math.min(n, Math.max(0, value));
  }
  // Gaps between successes are geometric.
  const scale = 1 / Math.log1p(-p);
  let hits = 0;
  let at = Math.floor(-random.exponential() * scale);
  while (at < n) {
    hits++;
    at += 1 + Math.floor(-random.exponential() * scale);
  }
  return hits;
}

export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 100) return Math.max(0, Math.round(mean + random.normal() * Math.sqrt(mean)));
  let count = 0;
  let rest = mean - random.exponential();
  while (rest > 0) {
    count++;
    rest -= random.exponential();
  }
  return count;
}

/** Mean 1, variance 1 / shape; Marsaglia and Tsang. */
export function gammaWithMean1(random: Random, shape: number): number {
  if (shape < 1) {
    const boost = (1 - random.next()) ** (1 / shape);
    return ((gammaWithMean1(random, shape + 1) * (shape + 1)) / shape) * boost;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (random.exponential() > -(0.5 * x * x + d - d * v + d * Math.log(v))) return (d * v) / shape;
  }
}
