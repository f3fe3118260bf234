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

const LEAST_BAD = 5;

export function verdict(state: CanaryEvidence): Verdict {
  const { judge, canary, stable, sampleRatio } = state;
  const names = namesOf(state);
  const signals = state.signals.map((signal, at) => judgeSignal(judge, signal, names[at] ?? ""));
  const eWorse = state.signals.reduce((sum, { weight }, at) => {
    const signal = signals[at];
    return sum + (signal?.counts ? weight * signal.eWorse : 0);
  }, 0);
  const eSafe = signals.reduce((least, signal) => Math.min(least, signal.eSafe), MOST);
  const off = sampleRatio.isOff;
  const kind = off
    ? "undecided"
    : eWorse >= 1 / judge.worse.alpha
      ? "worse"
      : isSafe(state, signals)
        ? "safe"
        : "undecided";
  const phi = signals.reduce((most, signal) => Math.max(most, signal.phi), 1);
  return {
    kind,
    eWorse,
    eSafe,
    pWorse: (margin) =>
      state.signals.reduce((most, each) => Math.max(most, pMultipleAbove(each, margin)), 0),
    signals,
    phi,
    counts: { canary, stable },
    sampleRatio: { isOff: off, text: off ? splitText(state) : "" },
    // Words only where they are read: a tick asks a thousand canaries.
    get text() {
      return off ? splitText(state) : textOf(kind, signals, judge);
    },
    get flip() {
      return off ? "a split of the traffic as it is set" : flipOf(kind, state, signals);
    },
  };
}

/** Written into records, so finite. */
const MOST = 1e300;

function eOf(ln: number): number {
  return Math.min(MOST, Math.exp(ln));
}

function judgeSignal(judge: Judge, { comparison, weight }: Signal, name: string): SignalVerdict {
  const { canary, stable } = comparison;
  const phi = phiOfArms(comparison);
  return {
    name,
    eWorse: eWorseOf(comparison, phi),
    eSafe: eOf(lnMean(comparison.safe) / phi),
    limit: 1 / (judge.worse.alpha * weight),
    multiple: multipleOf(comparison),
    canary,
    stable,
    phi,
    counts: canary.bad >= LEAST_BAD && excessOf(comparison) >= judge.worse.absolute,
  };
}

function eWorseOf(comparison: ArmComparison, phi: number): number {
  const held = Math.log(heldBack(minuteOf(comparison)));
  return eOf(lnSum(lnMean(comparison.worse), held) / phi);
}

/** Every signal by evidence, or, where hardly anything is bad, by time. */
function isSafe(
  { judge, canary, seconds }: CanaryEvidence,
  signals: readonly SignalVerdict[],
): boolean {
  const { beta, minRequests, minErrors, orSeconds, relativeRisk } = judge.safe;
  if (canary.requests < minRequests || signals.length === 0) return false;
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

function namesOf({ signals, judge, thresholds }: CanaryEvidence): readonly string[] {
  const firstSlow = judge.worse.errors ? 1 : 0;
  return signals.map(({ name }, index) => {
    const at = index < firstSlow ? undefined : thresholds.chosen[index - firstSlow];
    return at === undefined ? name : `${name} (slower than ${SLOW_MS[at]} ms)`;
  });
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
    eWorseOf(addEvents(signal.comparison, limits, { canary, stable }), leading.phi);
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
