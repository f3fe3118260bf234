import { type Counts, SLOW_MS } from "../../src/evidence/evidence.ts";
import { Random } from "../law/random.ts";
import { binomial, gammaWithMean1, poisson } from "./draws.ts";

/** A canary beside its stable version, in slices of 10 s. */
export interface Regime {
  readonly name: string;
  readonly rps: number;
  /** Share of requests that fail. */
  readonly base: number;
  /** Canary's rate through the stable version's. */
  readonly multiple?: number;
  /** Second from which on it is; absent: from the start. */
  readonly breaksAt?: number;
  /** Part of the canary's requests that take 4 times as long. */
  readonly slowPart?: number;
  /** Times are drawn too, lognormal with this sigma: p99 is exp(2.33 sigma) medians. */
  readonly timeSigma?: number;
  readonly steps?: readonly Step[];
  /** Both arms' rate times a lognormal of this sigma and median 1, anew every minute. */
  readonly sharedSigma?: number;
  /** Each arm's rate times its own gamma of this shape, anew every minute. */
  readonly ownShape?: number;
  /** Failures come in bursts of this mean size, of one arm each: a client that tries again. */
  readonly burst?: number;
  /** 30 % of all requests fail for 5 minutes. */
  readonly hasOutage?: boolean;
  /** The canary begins with this many times the failures, which fades over 20 s. */
  readonly coldStart?: number;
}

export interface Step {
  readonly percent: number;
  readonly minutes: number;
}

export interface Slice {
  /** At its end. */
  readonly second: number;
  readonly share: number;
  readonly canary: Counts;
  readonly stable: Counts;
}

export const SLICE_SECONDS = 10;

/** An hour, as Flagger's example has it but slower. */
export const HOUR_STEPS: readonly Step[] = [5, 10, 20, 30, 50].map((percent) => ({
  percent,
  minutes: 12,
}));

const MEDIAN_MS = 50;

export function* trafficOf(regime: Regime, seed: number): Generator<Slice> {
  const random = new Random(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let warm = 0; warm < 8; warm++) random.next();
  const phase = random.next();
  const outageAt = 600 + Math.floor(random.next() * 2000);
  let second = 0;
  let minute = newMinute(regime, random);
  for (const { percent, minutes } of regime.steps ?? HOUR_STEPS) {
    for (const end = second + minutes * 60; second < end; second += SLICE_SECONDS) {
      if (second % 60 === 0) minute = newMinute(regime, random);
      const load = minute.load * (1 + 0.2 * Math.sin(2 * Math.PI * (phase + second / 3600)));
      const isOut = regime.hasOutage === true && second >= outageAt && second < outageAt + 300;
      const base = isOut ? 0.3 : Math.min(0.5, regime.base * minute.shared);
      const cold = 1 + ((regime.coldStart ?? 1) - 1) * Math.exp(-second / 20);
      const share = percent / 100;
      const multiple = second >= (regime.breaksAt ?? 0) ? (regime.multiple ?? 1) : 1;
      const arm = (part: number, factor: number, slowPart: number) => {
        const requests = poisson(random, regime.rps * load * part * SLICE_SECONDS);
        return countsOf(random, regime, requests, Math.min(1, base * factor), slowPart);
      };
      const canary = arm(share, minute.canary * cold * multiple, regime.slowPart ?? 0);
      const stable = arm(1 - share, minute.stable, 0);
      yield { second: second + SLICE_SECONDS, share, canary, stable };
    }
  }
}

function newMinute({ sharedSigma = 0, ownShape }: Regime, random: Random) {
  const own = () => (ownShape === undefined ? 1 : gammaWithMean1(random, ownShape));
  return {
    load: Math.exp(0.05 * random.normal()),
    shared: sharedSigma === 0 ? 1 : Math.exp(sharedSigma * random.normal()),
    canary: own(),
    stable: own(),
  };
}

function countsOf(
  random: Random,
  regime: Regime,
  requests: number,
  rate: number,
  slowPart: number,
): Counts {
  const errors =
    regime.burst === undefined
      ? binomial(random, requests, rate)
      : burstsOf(random, requests, rate, regime.burst);
  const slow =
    regime.timeSigma === undefined
      ? NONE_SLOW
      : slowOf(random, requests, slowPart, tailsOf(regime.timeSigma));
  return { requests, errors, slow, timed: requests, seconds: SLICE_SECONDS, voidSeconds: 0 };
}

const NONE_SLOW = SLOW_MS.map(() => 0);

/** Geometric sizes. */
function burstsOf(random: Random, requests: number, rate: number, mean: number): number {
  let errors = 0;
  for (let left = poisson(random, (requests * rate) / mean); left > 0; left--) {
    errors += 1 + Math.floor(random.exponential() / -Math.log(1 - 1 / mean));
  }
  return Math.min(requests, errors);
}

interface Tails {
  /** Shares slower than each of `SLOW_MS`, and of requests that take 4 times as long. */
  readonly usual: readonly number[];
  readonly slower: readonly number[];
}

const known = new Map<number, Tails>();

function tailsOf(sigma: number): Tails {
  const tails = known.get(sigma) ?? {
    usual: SLOW_MS.map((ms) => tail(ms, sigma)),
    slower: SLOW_MS.map((ms) => tail(ms / 4, sigma)),
  };
  known.set(sigma, tails);
  return tails;
}

function slowOf(
  random: Random,
  requests: number,
  slowPart: number,
  { usual, slower }: Tails,
): number[] {
  let left = requests;
  let before = 1;
  return SLOW_MS.map((_, at) => {
    const now = (1 - slowPart) * usual[at]! + slowPart * slower[at]!;
    left = before < 1e-12 ? 0 : binomial(random, left, now / before);
    before = now;
    return left;
  });
}

/** P(a lognormal time is above `ms`), by Abramowitz and Stegun 7.1.26. */
function tail(ms: number, sigma: number): number {
  const x = Math.log(ms / MEDIAN_MS) / sigma / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erfc = series * Math.exp(-x * x);
  return x >= 0 ? erfc / 2 : 1 - erfc / 2;
}
