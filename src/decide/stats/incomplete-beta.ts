import { deviance } from "./deviance.ts";
import { stirlingRemainder } from "./ln-gamma.ts";

/**
 * Regularised incomplete beta function I_x(a, b), a, b > 0, x in [0, 1]: the chance that a Beta(a, b) value is at most x.
 * Relative error below 1e-12 for a, b <= 1e4 where the result is a normal number. NaN outside the domain.
 */
export function betaI(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN;
  if (x === 0 || x === 1) return x;
  const y = 1 - x;
  const lost = 1 - y - x;
  const front = density(x, y, lost, a, b);
  return x <= (a + 1) / (a + b + 2)
    ? front * b * fraction(x, a, b)
    : 1 - front * a * fraction(y, b, a);
}

/** x^a (1 - x)^b gamma(a + b) / (gamma(a + 1) gamma(b + 1)), the continued fraction's front without its factor a or b. */
function density(x: number, y: number, lost: number, a: number, b: number): number {
  const n = a + b;
  const exponent =
    stirlingRemainder(n) -
    stirlingRemainder(a) -
    stirlingRemainder(b) -
    deviance(a, n * x) -
    deviance(b, n * y) +
    // `y` is 1 - x rounded; `lost` is what the rounding took.
    (b * lost) / y;
  return Math.exp(exponent) / Math.sqrt(2 * Math.PI * a * (b / n)) / n;
}

/** Continued fraction of DiDonato and Morris (1992), converges about as fast as sqrt(max(a, b)). */
function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return result;
}
