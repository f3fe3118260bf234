import type { Random } from "../law/random.ts";

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
