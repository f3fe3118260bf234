import { gammaQ } from "./incomplete-gamma.ts";

/**
 * P(true rate > x) after `bad` of `total`: the rate is Gamma(bad + 1/2, total + 1 / allowed), a prior as heavy as the
 * requests of which one may be bad, with its mean at half of `allowed`. `x` and `allowed` are shares of requests, > 0;
 * `phi` >= 1, the over-dispersion, takes that much off the weight of the evidence and of the prior.
 */
export function pRateAbove(
  bad: number,
  total: number,
  x: number,
  allowed: number,
  phi = 1,
): number {
  const shape = (bad + PRIOR_BAD) / phi;
  const weight = (total + PRIOR_BAD / (0.5 * allowed)) / phi;
  return gammaQ(shape, weight * x);
}

const PRIOR_BAD = 0.5;
