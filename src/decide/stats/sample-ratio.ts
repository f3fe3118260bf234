import { type Dispersion, NO_DISPERSION, phiOf, scatter } from "./dispersion.ts";
import { bet, lnMean, lnSum, STAKE, type Wealth } from "./split-evidence.ts";

/**
 * Whether traffic splits as the weights say: the same evidence as for errors, with every request as the event and the
 * weight as the share, looked at every 10 s. Odds within 10 % are granted: a canary whose failed requests are tried again
 * gets more of them. Begins anew with every weight and every 10 minutes, each time with a smaller part of the chance of
 * a false alarm, so that a split that was wrong once is forgiven. The first seconds after a change are left out: Envoys
 * take it one by one.
 */
export interface SampleRatio {
  /** Canary's share of the requests that is set; 0: none yet. */
  readonly share: number;
  readonly seconds: number;
  /** Not looked at yet. */
  readonly fresh: { readonly seconds: number; readonly canary: number; readonly requests: number };
  readonly canary: number;
  readonly requests: number;
  readonly above: Wealth;
  readonly below: Wealth;
  readonly dispersion: Dispersion;
  readonly starts: number;
  readonly isOff: boolean;
}

const GRANTED_ODDS = 1.1;
const SETTLE_SECONDS = 15;
const LOOK_SECONDS = 10;
const PART_SECONDS = 600;
const FORGIVEN_AFTER_SECONDS = 60;
const NOTHING_FRESH = { seconds: 0, canary: 0, requests: 0 };

export const NO_SAMPLE_RATIO: SampleRatio = begin(0, 0, false);

function begin(share: number, starts: number, isOff: boolean): SampleRatio {
  return {
    share,
    seconds: 0,
    fresh: NOTHING_FRESH,
    canary: 0,
    requests: 0,
    above: STAKE,
    below: STAKE,
    dispersion: NO_DISPERSION,
    starts,
    isOff,
  };
}

interface Seen {
  /** Set, not seen, in (0, 1). */
  readonly share: number;
  readonly canary: number;
  readonly stable: number;
  readonly seconds: number;
}

export function observeSplit(known: SampleRatio, at: Seen, alpha: number): SampleRatio {
  if (known.share !== at.share) return begin(at.share, known.starts + 1, false);
  const seconds = known.seconds + at.seconds;
  if (seconds > PART_SECONDS) return begin(at.share, known.starts + 1, known.isOff);
  if (seconds <= SETTLE_SECONDS) return { ...known, seconds };
  const fresh = {
    seconds: known.fresh.seconds + at.seconds,
    canary: known.fresh.canary + at.canary,
    requests: known.fresh.requests + at.canary + at.stable,
  };
  const counted = { ...known, seconds, fresh };
  return fresh.seconds < LOOK_SECONDS ? counted : look(counted, alpha);
}

function look(known: SampleRatio, alpha: number): SampleRatio {
  const { share, fresh } = known;
  const split = { share, hits: fresh.canary, bad: fresh.requests };
  const counted = {
    ...known,
    fresh: NOTHING_FRESH,
    canary: known.canary + fresh.canary,
    requests: known.requests + fresh.requests,
    above: bet(known.above, "above", GRANTED_ODDS, split),
    below: bet(known.below, "below", 1 / GRANTED_ODDS, split),
  };
  const odds = oddsOf(counted);
  const dispersion = scatter(known.dispersion, split, fresh.seconds, odds);
  const phi = phiOf(dispersion, odds, 0);
  const needed = Math.log(((known.starts + 1) * (known.starts + 2)) / alpha);
  const isOff =
    isShown(counted.above, counted.below, phi, needed) ||
    (known.isOff && known.seconds < FORGIVEN_AFTER_SECONDS);
  return { ...counted, dispersion, isOff };
}

/** Whether the mean of both is at least exp(needed); the largest part alone says mostly no. */
function isShown(above: Wealth, below: Wealth, phi: number, needed: number): boolean {
  const most = Math.max(...above, ...below) / phi;
  return most >= needed && lnSum(lnMean(above, phi), lnMean(below, phi)) - Math.LN2 >= needed;
}

/** Odds seen through odds set. */
function oddsOf({
  canary,
  requests,
  share,
}: Pick<SampleRatio, "canary" | "requests" | "share">): number {
  return ((canary + 0.5) / (requests - canary + 0.5)) * ((1 - share) / share);
}
