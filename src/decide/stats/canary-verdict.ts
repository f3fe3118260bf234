import { SLOW_MS } from "../../evidence/evidence.ts";
import type { Judge } from "../../policy/intent/judge.ts";
import {
  excessOf,
  MOST_EVIDENCE,
  multipleOf,
  phiOfArms,
  safeEvidence,
  worseEvidence,
} from "./arm-comparison.ts";
import type { CanaryEvidence, Signal, Totals } from "./canary.ts";
import { flipOf, splitText, textOf } from "./canary-words.ts";
import { betaI } from "./incomplete-beta.ts";

export interface Verdict {
  /** Undecided is no vote: hold, and look again. */
  readonly kind: "worse" | "safe" | "undecided";
  /** Worse from 1 / alpha on. Mean over the signals by their part of alpha. */
  readonly eWorse: number;
  /** Safe from 1 / beta on. Of the signal with the least. */
  readonly eSafe: number;
  /** P(canary's rate > margin x stable version's) of the signal where it is highest, [0, 1]. */
  readonly pWorse: (margin: number) => number;
  readonly signals: readonly SignalVerdict[];
  /** Over-dispersion of the signal with the most, >= 1. */
  readonly phi: number;
  readonly counts: { readonly canary: Totals; readonly stable: Totals };
  readonly sampleRatio: { readonly isOff: boolean; readonly text: string };
  /** One sentence part without a full stop. */
  readonly text: string;
  readonly flip: string;
}

export interface SignalVerdict {
  /** `errors`, or `p99 (slower than 300 ms)`. */
  readonly name: string;
  readonly eWorse: number;
  readonly eSafe: number;
  /** Of `eWorse`, at which this signal alone makes the canary worse. */
  readonly limit: number;
  /** Canary's rate through the stable version's. */
  readonly multiple: number;
  readonly canary: { readonly bad: number; readonly of: number };
  readonly stable: { readonly bad: number; readonly of: number };
  readonly phi: number;
  /** Enough bad events, and enough more of them, for its evidence to count. */
  readonly counts: boolean;
}

/** Of the canary, in so many different spells of 5 s: one burst is no trend. */
const LEAST_BAD = 5;
const LEAST_SPELLS = 3;

/**
 * Most of it is worked out when it is read: a tick asks a thousand canaries what they are, and tells of few.
 */
export function verdict(state: CanaryEvidence): Verdict {
  const { judge, canary, stable, sampleRatio } = state;
  const off = sampleRatio.isOff;
  let known: readonly SignalVerdict[] | undefined;
  const signals = () => {
    known ??= state.signals.map((each, at) => judgeSignal(judge, each, nameOf(state, at)));
    return known;
  };
  const kind = off ? "undecided" : kindOf(state, signals);
  return {
    kind,
    get eWorse() {
      return eWorseOf(state, signals());
    },
    get eSafe() {
      return signals().reduce((least, signal) => Math.min(least, signal.eSafe), MOST_EVIDENCE);
    },
    pWorse: (margin) =>
      state.signals.reduce((most, each) => Math.max(most, pMultipleAbove(each, margin)), 0),
    get signals() {
      return signals();
    },
    get phi() {
      return signals().reduce((most, signal) => Math.max(most, signal.phi), 1);
    },
    counts: { canary, stable },
    sampleRatio: { isOff: off, text: off ? splitText(state) : "" },
    get text() {
      return off ? splitText(state) : textOf(kind, signals(), judge);
    },
    get flip() {
      return off
        ? "a split of the traffic as it is set"
        : flipOf(kind, state, signals(), LEAST_BAD);
    },
  };
}

function kindOf(state: CanaryEvidence, signals: () => readonly SignalVerdict[]): Verdict["kind"] {
  const { judge, canary } = state;
  const needed = 1 / judge.worse.alpha;
  if (mayReach(state, needed) && eWorseOf(state, signals()) >= needed) return "worse";
  if (canary.requests < judge.safe.minRequests) return "undecided";
  return mayBeSafe(state) && isSafe(state, signals()) ? "safe" : "undecided";
}

/** A mean is not above its largest part, and less than 1 is held back. */
function mayReach({ signals }: CanaryEvidence, needed: number): boolean {
  const least = Math.log(needed - 1);
  return signals.some(({ comparison }) => comparison.worse.some((log) => log >= least));
}

function mayBeSafe({ judge, signals, seconds }: CanaryEvidence): boolean {
  const { beta, minErrors, orSeconds } = judge.safe;
  const least = Math.log(1 / beta);
  return signals.every(
    ({ comparison: { safe, canary, stable } }) =>
      safe.some((log) => log >= least) ||
      (seconds >= orSeconds && canary.bad + stable.bad < minErrors),
  );
}

function eWorseOf({ signals }: CanaryEvidence, judged: readonly SignalVerdict[]): number {
  return judged.reduce((sum, { counts, eWorse }, at) => {
    return sum + (counts ? (signals[at]?.weight ?? 0) * eWorse : 0);
  }, 0);
}

function judgeSignal(judge: Judge, { comparison, weight }: Signal, name: string): SignalVerdict {
  const { canary, stable, spells } = comparison;
  const phi = phiOfArms(comparison);
  return {
    name,
    eWorse: worseEvidence(comparison, phi),
    get eSafe() {
      return safeEvidence(comparison, phi);
    },
    limit: 1 / (judge.worse.alpha * weight),
    multiple: multipleOf(comparison),
    canary,
    stable,
    phi,
    counts:
      canary.bad >= LEAST_BAD &&
      spells >= LEAST_SPELLS &&
      excessOf(comparison) >= judge.worse.absolute,
  };
}

/** Every signal by evidence, or, where hardly anything is bad, by time. */
function isSafe({ judge, seconds }: CanaryEvidence, signals: readonly SignalVerdict[]): boolean {
  const { beta, minErrors, orSeconds, relativeRisk } = judge.safe;
  if (signals.length === 0) return false;
  return signals.every(({ eSafe, canary, stable }) => {
    if (eSafe >= 1 / beta) return true;
    if (canary.bad + stable.bad >= minErrors || seconds < orSeconds) return false;
    if (canary.of === 0 || stable.of === 0) return false;
    const most = (relativeRisk * stable.bad) / stable.of + judge.worse.absolute;
    return canary.bad / canary.of <= most;
  });
}

/** Beta(1/2, 1/2) before any event; the share at an equal rate is the mean over the events. */
function pMultipleAbove({ comparison }: Signal, margin: number): number {
  const { canary, stable, evenHits } = comparison;
  const bad = canary.bad + stable.bad;
  if (bad === 0 || evenHits <= 0 || evenHits >= bad) return 0.5;
  const odds = (margin * evenHits) / (bad - evenHits);
  const phi = phiOfArms(comparison);
  return 1 - betaI(odds / (1 + odds), canary.bad / phi + 0.5, stable.bad / phi + 0.5);
}

function nameOf({ signals, judge, thresholds }: CanaryEvidence, index: number): string {
  const at = thresholds.chosen[index - (judge.worse.errors ? 1 : 0)];
  const name = signals[index]?.name ?? "";
  return at === undefined ? name : `${name} (slower than ${SLOW_MS[at]} ms)`;
}
