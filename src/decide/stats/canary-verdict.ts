import { SLOW_MS } from "../../evidence/evidence.ts";
import type { Judge } from "../../policy/automation.ts";
import {
  type ArmComparison,
  addEvents,
  excessOf,
  minuteOf,
  multipleOf,
  phiOfArms,
} from "./arm-comparison.ts";
import type { CanaryEvidence, Signal, Totals } from "./canary.ts";
import { betaI } from "./incomplete-beta.ts";
import { heldBack, lnMean, lnSum } from "./split-evidence.ts";

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
      return signals().reduce((least, signal) => Math.min(least, signal.eSafe), MOST);
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
      return off ? "a split of the traffic as it is set" : flipOf(kind, state, signals());
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

/** Written into records, so finite. */
const MOST = 1e300;

function eOf(ln: number): number {
  return Math.min(MOST, Math.exp(ln));
}

function judgeSignal(judge: Judge, { comparison, weight }: Signal, name: string): SignalVerdict {
  const { canary, stable, spells } = comparison;
  const phi = phiOfArms(comparison);
  return {
    name,
    eWorse: wealthOf(comparison, phi),
    get eSafe() {
      return eOf(lnMean(comparison.safe, phi));
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

function wealthOf(comparison: ArmComparison, phi: number): number {
  const held = Math.log(heldBack(minuteOf(comparison)));
  return eOf(lnSum(lnMean(comparison.worse, phi), held));
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

function splitText({ sampleRatio: { canary, requests, share } }: CanaryEvidence): string {
  return `the canary gets ${percent(canary / Math.max(1, requests))} of the requests and not the ${percent(share)} that are set, so nothing is judged`;
}

function textOf(kind: Verdict["kind"], signals: readonly SignalVerdict[], judge: Judge): string {
  const leading = leadingOf(signals);
  if (leading === undefined) return "nothing is judged";
  if (kind === "safe") {
    return `no signal is ${judge.safe.relativeRisk} times as bad as the stable version's; the least shown is ${compared(leading)}`;
  }
  const needed = `evidence ${figure(leading.eWorse)} of the ${figure(leading.limit)} needed`;
  return `${compared(leading)}, ${needed}`;
}

function compared({ name, canary, stable, multiple }: SignalVerdict): string {
  return `${name} ${canary.bad} of ${canary.of} against ${stable.bad} of ${stable.of}, ${figure(multiple)} times`;
}

function leadingOf(signals: readonly SignalVerdict[]): SignalVerdict | undefined {
  const ratio = ({ counts, eWorse, limit }: SignalVerdict) =>
    (counts ? 1 : 1e-6) * (eWorse / limit);
  return signals.reduce<SignalVerdict | undefined>(
    (best, each) => (best === undefined || ratio(each) > ratio(best) ? each : best),
    undefined,
  );
}

/** The fewest further bad events of one arm alone that change what is said. */
function flipOf(
  kind: Verdict["kind"],
  { judge, signals }: CanaryEvidence,
  judged: readonly SignalVerdict[],
): string {
  const leading = leadingOf(judged);
  const signal = leading && signals[judged.indexOf(leading)];
  if (leading === undefined || signal === undefined) return "a signal to judge";
  if (leading.canary.of === 0) return "requests to the canary";
  const limits = { worse: judge.worse.relativeRisk, safe: judge.safe.relativeRisk };
  const eAfter = (canary: number, stable: number) =>
    wealthOf(addEvents(signal.comparison, limits, { canary, stable }), leading.phi);
  const name = leading.name;
  if (kind === "worse") {
    const most = fewest((events) => eAfter(0, events) < leading.limit);
    return `${most} further ${name} of the stable version without one of the canary, and it would not be called worse`;
  }
  const more = fewest(
    (events) => eAfter(events, 0) >= leading.limit && leading.canary.bad + events >= LEAST_BAD,
  );
  return `${more} further ${name} of the canary without one of the stable version, and it would be called worse`;
}

/** Least n >= 1 for which a monotone test holds; gives up at a million. */
function fewest(holds: (n: number) => boolean): number {
  let high = 1;
  while (!holds(high) && high < 1e6) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function percent(ratio: number): string {
  return `${figure(100 * ratio)} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
