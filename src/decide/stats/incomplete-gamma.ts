import { deviance } from "./deviance.ts";
import { stirlingRemainder } from "./ln-gamma.ts";

/**
 * Regularised incomplete gamma functions for a > 0, x >= 0: P(a, x), the chance that a Gamma(a, 1) value is at most x,
 * and Q = 1 - P. Relative error below 1e-12 for a <= 1e5 where the result is a normal number. The smaller of the two is
 * computed: P by its series, Q by Legendre's continued fraction. NaN outside the domain.
 */
export function gammaP(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) return Number.NaN;
  if (x === 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  return x < a + 1 ? lower(a, x) : 1 - upper(a, x);
}

/** Chance that a Gamma(a, 1) value is above x. */
export function gammaQ(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) return Number.NaN;
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < a + 1 ? 1 - lower(a, x) : upper(a, x);
}

/** x^a e^-x / gamma(a + 1). */
function density(a: number, x: number): number {
  return Math.exp(-stirlingRemainder(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

const EPSILON = 1e-17;
const MOST_TERMS = 100_000;

function lower(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < MOST_TERMS && term > sum * EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return density(a, x) * sum;
}

/** Modified Lentz. */
function upper(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return density(a, x) * a * fraction;
}
