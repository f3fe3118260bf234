import { newCanaryEvidence, observeSecond, verdict } from "../../src/decide/stats/canary.ts";
import { type Counts, SLOW_MS } from "../../src/evidence/evidence.ts";
import type { Judge } from "../../src/policy/intent/judge.ts";
import type { Slice } from "./canary-traffic.ts";
import { isShiftedUp } from "./mann-whitney.ts";

/** Takes slices in order; true once it would roll back. */
export type CanaryJudge = (slice: Slice) => boolean;

export function judgeOf(relativeRisk: number, isTimed: boolean, absolute = 0): Judge {
  return {
    worse: {
      alpha: 0.01,
      relativeRisk,
      absolute,
      errors: true,
      slowQuantiles: isTimed ? [0.9, 0.95, 0.99] : [],
    },
    safe: { beta: 0.05, relativeRisk: 1.25, minRequests: 2000, minErrors: 5, orSeconds: 600 },
    sampleRatioAlpha: 0.001,
  };
}

export function ours(judge: Judge): CanaryJudge {
  let state = newCanaryEvidence(judge);
  return (slice) => {
    state = observeSecond(state, slice);
    return verdict(state).kind === "worse";
  };
}

/** Success below 99 % in 5 checks, one a minute; a minute without a request counts as failed, as it did. */
export function flaggerLike(leastSuccess = 0.99, mostFailed = 5): CanaryJudge {
  let failed = 0;
  return everyMinute(({ canary }) => {
    const success = canary.requests === 0 ? 0 : 1 - canary.errors / canary.requests;
    if (success < leastSuccess) failed++;
    return failed >= mostFailed;
  });
}

/** Mann and Whitney on rates by minute, first after 10 minutes, then every 5; zeros where there was no request. */
export function kayentaLike(readOff: (counts: Counts) => number = errorRate): CanaryJudge {
  const [canary, stable]: [number[], number[]] = [[], []];
  return everyMinute((minute) => {
    canary.push(readOff(minute.canary));
    stable.push(readOff(minute.stable));
    const minutes = canary.length;
    return minutes >= 10 && minutes % 5 === 0 && isShiftedUp(canary, stable);
  });
}

/** Twice the stable version's rate in one minute, with at least 2 errors. */
export function naive(): CanaryJudge {
  return everyMinute(
    ({ canary, stable }) => canary.errors >= 2 && errorRate(canary) > 2 * errorRate(stable),
  );
}

function errorRate({ errors, requests }: Counts): number {
  return requests === 0 ? 0 : errors / requests;
}

/** Milliseconds, between the edges of the histogram by a straight line; 0 without a request. */
export function p99({ slow, timed }: Counts): number {
  if (timed === 0) return 0;
  const allowed = timed * 0.01;
  const at = slow.findIndex((count) => count <= allowed);
  if (at <= 0) return at === 0 ? SLOW_MS[0] : SLOW_MS.at(-1)!;
  const [below, above] = [slow[at - 1]!, slow[at]!];
  const [from, to] = [SLOW_MS[at - 1]!, SLOW_MS[at]!];
  return from + ((to - from) * (below - allowed)) / Math.max(1e-9, below - above);
}

function everyMinute(judge: (minute: { canary: Counts; stable: Counts }) => boolean): CanaryJudge {
  let slices: Slice[] = [];
  return (slice) => {
    slices.push(slice);
    if (slice.second % 60 !== 0) return false;
    const minute = {
      canary: sum(slices.map(({ canary }) => canary)),
      stable: sum(slices.map(({ stable }) => stable)),
    };
    slices = [];
    return judge(minute);
  };
}

function sum(counts: readonly Counts[]): Counts {
  return counts.reduce((all, each) => ({
    requests: all.requests + each.requests,
    errors: all.errors + each.errors,
    slow: all.slow.map((count, at) => count + each.slow[at]!),
    timed: all.timed + each.timed,
    seconds: all.seconds + each.seconds,
    voidSeconds: 0,
  }));
}
