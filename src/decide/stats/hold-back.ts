import { type Dispersion, NO_DISPERSION, phiOf, scatter } from "./dispersion.ts";
import { bet, lnMean, STAKE, type Wealth } from "./split-evidence.ts";

/**
 * Nodes with an action beside nodes held back from it, chosen by hash: the only comparison that a recovery that comes by
 * itself cannot deceive, since it comes to both. The evidence of the canary test, with `treated` as the first arm.
 */
export interface HoldBack {
  /** Against "no better than `better` times the held". */
  readonly helps: Wealth;
  /** Against "no worse than the held". */
  readonly harms: Wealth;
  readonly treated: { readonly bad: number; readonly of: number };
  readonly held: { readonly bad: number; readonly of: number };
  readonly dispersion: Dispersion;
}

export const NO_HOLD_BACK: HoldBack = {
  helps: STAKE,
  harms: STAKE,
  treated: { bad: 0, of: 0 },
  held: { bad: 0, of: 0 },
  dispersion: NO_DISPERSION,
};

interface Arm {
  readonly bad: number;
  readonly of: number;
}

/** Of `seconds`. `better`: multiple of the held rate that the action is to get below, (0, 1]. */
export function observeHoldBack(
  known: HoldBack,
  treated: Arm,
  held: Arm,
  better: number,
  seconds: number,
): HoldBack {
  const all = treated.of + held.of;
  if (treated.of === 0 || held.of === 0) return known;
  const split = { share: treated.of / all, hits: treated.bad, bad: treated.bad + held.bad };
  const counted = { treated: sum(known.treated, treated), held: sum(known.held, held) };
  return {
    ...counted,
    helps: bet(known.helps, "below", better, split),
    harms: bet(known.harms, "above", 1, split),
    dispersion: scatter(known.dispersion, split, seconds, multipleOf(counted)),
  };
}

/** Either may be acted on from 1 / alpha on. */
export function holdBackEvidence(known: HoldBack): {
  readonly helps: number;
  readonly harms: number;
} {
  const phi = phiOf(known.dispersion, multipleOf(known));
  const eOf = (wealth: Wealth) => Math.min(1e300, Math.exp(lnMean(wealth, phi)));
  return { helps: eOf(known.helps), harms: eOf(known.harms) };
}

function multipleOf({ treated, held }: Pick<HoldBack, "treated" | "held">): number {
  return (((treated.bad + 0.5) / (held.bad + 0.5)) * (held.of + 1)) / (treated.of + 1);
}

function sum(a: Arm, b: Arm): Arm {
  return { bad: a.bad + b.bad, of: a.of + b.of };
}
