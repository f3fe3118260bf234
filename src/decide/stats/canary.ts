import type { Counts } from "../../evidence/evidence.ts";
import type { Judge } from "../../policy/automation.ts";

/** STUB until the statistics branch lands. */
export interface CanaryEvidence {
  readonly judge: Judge;
  readonly logs: readonly number[];
  readonly canary: Totals;
  readonly stable: Totals;
  readonly expected: number;
}
interface Totals {
  readonly requests: number;
  readonly errors: number;
}
export interface Verdict {
  readonly kind: "worse" | "safe" | "undecided";
  readonly eWorse: number;
  readonly eSafe: number;
  readonly pWorse: (margin: number) => number;
  readonly signals: readonly {
    readonly name: string;
    readonly eWorse: number;
    readonly limit: number;
  }[];
  readonly phi: number;
  readonly counts: { readonly canary: Totals; readonly stable: Totals };
  readonly sampleRatio: { readonly isOff: boolean; readonly text: string };
  readonly text: string;
  readonly flip: string;
}
const GRID = Array.from({ length: 24 }, (_, i) => 1.05 * 50 ** (i / 23));
export function newCanaryEvidence(judge: Judge): CanaryEvidence {
  return {
    judge,
    logs: GRID.map(() => 0),
    canary: { requests: 0, errors: 0 },
    stable: { requests: 0, errors: 0 },
    expected: 0,
  };
}
export function observeSecond(
  state: CanaryEvidence,
  at: { canary: Counts; stable: Counts; share: number },
): CanaryEvidence {
  const { canary: c, stable: b } = at;
  const rho = c.requests / Math.max(1, c.requests + b.requests);
  const d0 = state.judge.worse.relativeRisk;
  const th = (d: number) => (rho * d) / (rho * d + 1 - rho);
  const logs = state.logs.map((log, i) => {
    const d = d0 * (GRID[i] ?? 1);
    return rho === 0 || rho === 1
      ? log
      : log + c.errors * Math.log(th(d) / th(d0)) + b.errors * Math.log((1 - th(d)) / (1 - th(d0)));
  });
  const add = (a: Totals, x: Counts) => ({
    requests: a.requests + x.requests,
    errors: a.errors + x.errors,
  });
  return {
    ...state,
    logs,
    canary: add(state.canary, c),
    stable: add(state.stable, b),
    expected: state.expected + at.share * (c.requests + b.requests),
  };
}
export function verdict(state: CanaryEvidence): Verdict {
  const eWorse = state.logs.reduce((sum, log) => sum + Math.exp(log), 0) / state.logs.length;
  const limit = 1 / state.judge.worse.alpha;
  const { canary, stable } = state;
  const isWorse = eWorse >= limit && canary.errors >= 5;
  const isSafe =
    !isWorse &&
    canary.requests >= state.judge.safe.minRequests &&
    canary.errors / canary.requests <=
      (stable.errors / Math.max(1, stable.requests)) * state.judge.safe.relativeRisk + 0.001;
  return {
    kind: isWorse ? "worse" : isSafe ? "safe" : "undecided",
    eWorse,
    eSafe: 1,
    pWorse: () => eWorse / (1 + eWorse),
    signals: [{ name: "errors", eWorse, limit }],
    phi: 1,
    counts: { canary, stable },
    sampleRatio: { isOff: false, text: "" },
    text: `evidence ${eWorse.toPrecision(3)} of ${limit}`,
    flip: `fewer than 5 errors of the canary`,
  };
}
