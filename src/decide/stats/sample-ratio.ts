import { type Dispersion, NO_DISPERSION, phiOf, scatter } from "./dispersion.ts";
import { bet, lnMean, lnSum, STAKE, type Wealth } from "./split-evidence.ts";

/**
 * Whether traffic splits as the weights say: the same evidence as for errors, with every request as the event and the
 * weight as the share. Odds within 10 % are granted; a canary whose failed requests are tried again gets more of them.
 * Begins anew with every weight and every 10 minutes, each time with a smaller part of the chance of a false alarm, so
 * that a split that was wrong once is forgiven. The first seconds after a change are left out: Envoys take it one by one.
 */
export interface SampleRatio {
  /** Canary's share of the requests that is set; 0: none yet. */
  readonly share: number;
  readonly seconds: number;
  readonly canary: number;
  readonly requests: number;
  readonly above: Wealth;
  readonly below: Wealth;
  readonly dispersion: Dispersion;
  readonly starts: number;
  /** At the end of the part before. */
  readonly wasOff: boolean;
}

const GRANTED_ODDS = 1.1;
const SETTLE_SECONDS = 15;
const PART_SECONDS = 600;
const FORGIVEN_AFTER_SECONDS = 60;

export const NO_SAMPLE_RATIO: SampleRatio = begin(0, 0, false);

function begin(share: number, starts: number, wasOff: boolean): SampleRatio {
  return {
    share,
    seconds: 0,
    canary: 0,
    requests: 0,
    above: STAKE,
    below: STAKE,
    dispersion: NO_DISPERSION,
    starts,
    wasOff,
  };
}

/** `share`: set, not seen, in (0, 1). */
export function observeSplit(
  known: SampleRatio,
  at: {
    readonly share: number;
    readonly canary: number;
    readonly stable: number;
    readonly seconds: number;
  },
  alpha: number,
): SampleRatio {
  if (known.share !== at.share) return begin(at.share, known.starts + 1, false);
  const seconds = known.seconds + at.seconds;
  if (seconds > PART_SECONDS) return begin(at.share, known.starts + 1, isOff(known, alpha));
  const requests = at.canary + at.stable;
  if (seconds <= SETTLE_SECONDS || requests === 0) return { ...known, seconds };
  const split = { share: at.share, hits: at.canary, bad: requests };
  const counted = {
    ...known,
    seconds,
    canary: known.canary + at.canary,
    requests: known.requests + requests,
  };
  return {
    ...counted,
    above: bet(known.above, "above", { ...split, granted: GRANTED_ODDS }),
    below: bet(known.below, "below", { ...split, granted: 1 / GRANTED_ODDS }),
    dispersion: scatter(known.dispersion, { ...split, seconds: at.seconds }, oddsOf(counted)),
  };
}

export function isOff(known: SampleRatio, alpha: number): boolean {
  const parts = (known.starts + 1) * (known.starts + 2);
  const ln = lnSum(lnMean(known.above), lnMean(known.below)) - Math.LN2;
  if (ln / phiOf(known.dispersion, oddsOf(known)) >= Math.log(parts / alpha)) return true;
  return known.wasOff && known.seconds < FORGIVEN_AFTER_SECONDS;
}

/** Odds seen through odds set. */
function oddsOf({ canary, requests, share }: SampleRatio): number {
  if (share === 0) return 1;
  return ((canary + 0.5) / (requests - canary + 0.5)) * ((1 - share) / share);
}
