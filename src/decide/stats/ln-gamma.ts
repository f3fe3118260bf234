/**
 * ln of the gamma function for x > 0; relative error below 1e-13, near its zeros 1 and 2 too.
 * Around 1 and 2 the Taylor series in zeta(k) - 1 (Abramowitz and Stegun 6.1.33), elsewhere brought there by
 * gamma(x + 1) = x gamma(x), from 10 on Stirling's series. NaN for x <= 0 and NaN.
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x >= 10) return (x - 0.5) * Math.log(x) - x + LN_SQRT_2_PI + stirlingSeries(x);
  if (x < 0.5) return lnGammaNear(1, x + 1) - Math.log(x);
  if (x < 1.5) return lnGammaNear(1, x);
  let rest = x;
  let product = 1;
  while (rest >= 2.5) {
    rest -= 1;
    product *= rest;
  }
  return Math.log(product) + lnGammaNear(2, rest);
}

/**
 * ln gamma(x + 1) - ((x + 1/2) ln x - x + ln sqrt(2 pi)), x > 0: what Stirling's formula leaves. Small where lnGamma is
 * large, so densities made of it keep their digits (Loader, 2000).
 */
export function stirlingRemainder(x: number): number {
  if (x >= 10) return stirlingSeries(x);
  return lnGamma(x + 1) - (x + 0.5) * Math.log(x) + x - LN_SQRT_2_PI;
}

const LN_SQRT_2_PI = 0.9189385332046727;
const EULER_GAMMA = 0.5772156649015329;

/** zeta(k) - 1 for k = 2..39; each next is about half. */
const ZETA_MINUS_1 = Array.from({ length: 38 }, (_, at) => zetaMinus1(at + 2));

/** Around `centre` 1 or 2, |x - centre| <= 1/2. */
function lnGammaNear(centre: 1 | 2, x: number): number {
  const z = x - centre;
  let sum = 0;
  for (let k = ZETA_MINUS_1.length + 1; k >= 2; k--) {
    sum = sum * -z + (ZETA_MINUS_1[k - 2] ?? 0) / k;
  }
  const series = z * (1 - EULER_GAMMA) + z * z * sum;
  return centre === 2 ? series : series - Math.log1p(z);
}

/** Euler and Maclaurin after the first 20 terms. */
function zetaMinus1(k: number): number {
  const from = 20;
  let tail = 0;
  const power = from ** -k;
  tail += (from * power) / (k - 1) + power / 2;
  tail += (k * power) / (12 * from);
  tail -= (k * (k + 1) * (k + 2) * power) / (720 * from ** 3);
  tail += (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * power) / (30240 * from ** 5);
  for (let n = from - 1; n >= 2; n--) tail += n ** -k;
  return tail;
}

/** x >= 10. */
function stirlingSeries(x: number): number {
  const w = 1 / (x * x);
  let sum = 0;
  for (let at = BERNOULLI.length - 1; at >= 0; at--) sum = sum * w + (BERNOULLI[at] ?? 0);
  return sum / x;
}

/** B(2k) / (2k (2k - 1)). */
const BERNOULLI = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
  43867 / 244188,
] as const;
