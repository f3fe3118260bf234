import type { Counts } from "../../evidence/evidence.ts";
import type { Judge } from "../../policy/intent/judge.ts";
import { type ArmComparison, compareSecond, NO_COMPARISON } from "./arm-comparison.ts";
import { NO_SAMPLE_RATIO, observeSplit, type SampleRatio } from "./sample-ratio.ts";
import { learnThresholds, NO_THRESHOLDS, type SlowThresholds } from "./slow-thresholds.ts";

export { type Verdict, verdict } from "./canary-verdict.ts";

/**
 * What is known of a canary beside its stable version: about 4 kB of plain JSON, moved on second by second. The chance
 * that it ever calls a canary worse that is not is at most `alpha` of the Judge, however often it is asked, if requests
 * fail independently; `docs/statistics.md`.
 */
export interface CanaryEvidence {
  readonly judge: Judge;
  readonly canary: Totals;
  readonly stable: Totals;
  /** Seconds with evidence of both. */
  readonly seconds: number;
  /** Absent parts are not judged: `errors` false in the Judge, no quantiles. */
  readonly signals: readonly Signal[];
  readonly thresholds: SlowThresholds;
  readonly sampleRatio: SampleRatio;
}

export interface Totals {
  readonly requests: number;
  readonly errors: number;
}

export interface Signal {
  /** `errors`, or `p99`. */
  readonly name: string;
  /** Part of alpha; they sum to 1. */
  readonly weight: number;
  readonly comparison: ArmComparison;
}

export function newCanaryEvidence(judge: Judge): CanaryEvidence {
  return {
    judge,
    canary: { requests: 0, errors: 0 },
    stable: { requests: 0, errors: 0 },
    seconds: 0,
    signals: signalsOf(judge),
    thresholds: NO_THRESHOLDS,
    sampleRatio: NO_SAMPLE_RATIO,
  };
}

/** Alike, since nobody knows where a release fails. */
function signalsOf({ worse }: Judge): readonly Signal[] {
  const names = worse.slowQuantiles.map(
    (quantile) => `p${Number((quantile * 100).toPrecision(6))}`,
  );
  const all = worse.errors ? ["errors", ...names] : names;
  return all.map((name) => ({ name, weight: 1 / all.length, comparison: NO_COMPARISON }));
}

/**
 * One second of both versions. A second in which either has no evidence, or a part of it is void, changes nothing, nor
 * does one in which the split of the traffic is not the one set. `share`: canary's part of the requests as set, (0, 1).
 */
export function observeSecond(
  state: CanaryEvidence,
  at: { readonly canary: Counts; readonly stable: Counts; readonly share: number },
): CanaryEvidence {
  const { canary, stable, share } = at;
  if (canary.seconds === 0 || stable.seconds === 0) return state;
  if (canary.voidSeconds > 0 || stable.voidSeconds > 0) return state;
  const { judge } = state;
  const sampleRatio = observeSplit(
    state.sampleRatio,
    { share, canary: canary.requests, stable: stable.requests, seconds: canary.seconds },
    judge.sampleRatioAlpha,
  );
  if (sampleRatio.isOff) return { ...state, sampleRatio };
  const limits = { worse: judge.worse.relativeRisk, safe: judge.safe.relativeRisk };
  const firstSlow = judge.worse.errors ? 1 : 0;
  return {
    judge,
    canary: addTotals(state.canary, canary),
    stable: addTotals(state.stable, stable),
    seconds: state.seconds + canary.seconds,
    signals: state.signals.map((signal, index) => {
      const threshold = state.thresholds.chosen[index - firstSlow];
      if (index >= firstSlow && threshold === undefined) return signal;
      const badOf = (counts: Counts) =>
        index < firstSlow || threshold === undefined
          ? { bad: counts.errors, of: counts.requests }
          : { bad: counts.slow[threshold] ?? 0, of: counts.timed };
      const comparison = compareSecond(
        signal.comparison,
        badOf(canary),
        badOf(stable),
        limits,
        canary.seconds,
      );
      return comparison === signal.comparison ? signal : { ...signal, comparison };
    }),
    thresholds: learnThresholds(state.thresholds, judge.worse.slowQuantiles, stable),
    sampleRatio,
  };
}

function addTotals(known: Totals, { requests, errors }: Counts): Totals {
  return { requests: known.requests + requests, errors: known.errors + errors };
}
