import { type Dispersion, NO_DISPERSION, phiOf, scatter } from "./dispersion.ts";
import {
  addLatePart,
  bet,
  FIRST_PART,
  heldBack,
  lnMean,
  lnSum,
  type Split,
  STAKE,
  type Wealth,
} from "./split-evidence.ts";

/** One kind of bad event, compared between canary and stable version second by second. Plain JSON. */
export interface ArmComparison {
  /** Against "at most the granted multiple"; without what is held back. */
  readonly worse: Wealth;
  /** Against "at least the multiple that is too much". */
  readonly safe: Wealth;
  readonly seconds: number;
  readonly canary: Share;
  readonly stable: Share;
  /** Mantel and Haenszel's sums: stratified by second, so that weights and base rates that move do not bias them. */
  readonly canaryCross: number;
  readonly stableCross: number;
  readonly cross: number;
  /** Bad events the canary would have at an equal rate. */
  readonly evenHits: number;
  readonly dispersion: Dispersion;
  /** Spells of 5 s in which the canary had a bad event, and the second the newest began. */
  readonly spells: number;
  readonly spellSecond: number;
}

interface Share {
  readonly bad: number;
  readonly of: number;
}

const PARTS_EVERY_SECONDS = 60;
const SPELL_SECONDS = 5;

export const NO_COMPARISON: ArmComparison = {
  worse: FIRST_PART,
  safe: STAKE,
  seconds: 0,
  canary: { bad: 0, of: 0 },
  stable: { bad: 0, of: 0 },
  canaryCross: 0,
  stableCross: 0,
  cross: 0,
  evenHits: 0,
  dispersion: NO_DISPERSION,
  spells: 0,
  spellSecond: -SPELL_SECONDS,
};

/** A canary that warms up may at first be 1 + `extra` times above what is granted. */
const COLD_START = { extra: 4, fadeSeconds: 20, overAfterSeconds: 120 };

function minuteOf({ seconds }: ArmComparison): number {
  return Math.floor(seconds / PARTS_EVERY_SECONDS);
}

/** `canary` and `stable`: bad events of requests in the same seconds, 1 as a rule. `limits`: multiples, > 0. */
export function compareSecond(
  known: ArmComparison,
  canary: Share,
  stable: Share,
  limits: { readonly worse: number; readonly safe: number },
  ofSeconds: number,
): ArmComparison {
  const all = canary.of + stable.of;
  if (canary.of === 0 || stable.of === 0) return known;
  const seconds = known.seconds + ofSeconds;
  const minute = Math.floor(seconds / PARTS_EVERY_SECONDS);
  const staked = minute > minuteOf(known) ? addLatePart(known.worse, minute) : known.worse;
  const split = { share: canary.of / all, hits: canary.bad, bad: canary.bad + stable.bad };
  const isWarm = seconds > COLD_START.overAfterSeconds;
  const granted = limits.worse * (1 + (isWarm ? 0 : coldExtra(seconds)));
  const canaryCross = known.canaryCross + (canary.bad * stable.of) / all;
  const stableCross = known.stableCross + (stable.bad * canary.of) / all;
  const isSpell = canary.bad > 0 && seconds - known.spellSecond >= SPELL_SECONDS;
  return {
    spells: known.spells + (isSpell ? 1 : 0),
    spellSecond: isSpell ? seconds : known.spellSecond,
    worse: bet(staked, "above", granted, split),
    safe: isWarm ? bet(known.safe, "below", limits.safe, split) : known.safe,
    seconds,
    canary: { bad: known.canary.bad + canary.bad, of: known.canary.of + canary.of },
    stable: { bad: known.stable.bad + stable.bad, of: known.stable.of + stable.of },
    canaryCross,
    stableCross,
    cross: known.cross + (canary.of * stable.of) / all,
    evenHits: known.evenHits + split.bad * split.share,
    dispersion: scatter(
      known.dispersion,
      split,
      ofSeconds,
      multipleOf({ canaryCross, stableCross }),
    ),
  };
}

/** Canary's rate through the stable version's, drawn to 1 while there is little of either. */
export function multipleOf({
  canaryCross,
  stableCross,
}: Pick<ArmComparison, "canaryCross" | "stableCross">): number {
  return (canaryCross + 0.5) / (stableCross + 0.5);
}

/** Over-dispersion, >= 1. */
export function phiOfArms(known: ArmComparison): number {
  return phiOf(known.dispersion, multipleOf(known));
}

/** That it is worse; against chance, over-dispersion taken off. */
export function worseEvidence(known: ArmComparison, phi: number): number {
  return evidenceOf(lnSum(lnMean(known.worse, phi), Math.log(heldBack(minuteOf(known)))));
}

/** That it is not as bad as the limit. */
export function safeEvidence(known: ArmComparison, phi: number): number {
  return evidenceOf(lnMean(known.safe, phi));
}

/** Written into records, so finite. */
export const MOST_EVIDENCE = 1e300;

function evidenceOf(ln: number): number {
  return Math.min(MOST_EVIDENCE, Math.exp(ln));
}

/** Canary's rate less the stable version's, share of requests. */
export function excessOf({ canaryCross, stableCross, cross }: ArmComparison): number {
  return cross === 0 ? 0 : (canaryCross - stableCross) / cross;
}

function coldExtra(seconds: number): number {
  return COLD_START.extra * Math.exp(-seconds / COLD_START.fadeSeconds);
}

/** The same events, once more; for what would flip a verdict. */
export function addEvents(
  known: ArmComparison,
  limits: { readonly worse: number; readonly safe: number },
  events: { readonly canary: number; readonly stable: number },
): ArmComparison {
  const { canary, stable } = known;
  const split: Split = {
    share: canary.of / (canary.of + stable.of),
    hits: events.canary,
    bad: events.canary + events.stable,
  };
  return {
    ...known,
    worse: bet(known.worse, "above", limits.worse, split),
    safe: bet(known.safe, "below", limits.safe, split),
    canary: { bad: canary.bad + events.canary, of: canary.of },
    stable: { bad: stable.bad + events.stable, of: stable.of },
  };
}
