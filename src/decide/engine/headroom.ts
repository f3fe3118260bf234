import type { Arm, Counts, Evidence } from "../../evidence/evidence.ts";

/**
 * What is free of a locality, as a share of what it has shown to carry: its busiest ten seconds of the last quarter of an hour of
 * which at most 1 % failed. More than it has shown is not promised, so the answer errs towards too little. The load now is the
 * quantile `q` of the ten-second rates of the last two minutes. Undefined: blind, or less than two minutes are known.
 */
const STEP_SECONDS = 10;
const STEPS = 90;
const RECENT_STEPS = 12;
const FAILED_RATIO = 0.01;

export function headroomOf(
  evidence: Evidence,
  arms: readonly Arm[],
  q: number,
): number | undefined {
  if (arms.length === 0) return undefined;
  if (arms.some((arm) => evidence.stateOf(arm).state !== "ok")) return undefined;
  const steps = stepsOf(evidence, arms);
  const recent = steps.slice(0, RECENT_STEPS).filter(({ seconds }) => seconds > 0);
  if (recent.length < RECENT_STEPS / 2) return undefined;
  const most = mostOf(steps);
  const rates = recent.map(({ requests, seconds }) => requests / seconds).sort((a, b) => a - b);
  const now = rates[Math.min(rates.length - 1, Math.floor(q * rates.length))] ?? 0;
  return most === undefined ? undefined : Math.max(0, 1 - now / most);
}

/** Requests a second that it has shown to carry; undefined: none. */
export function mostCarried(evidence: Evidence, arms: readonly Arm[]): number | undefined {
  return mostOf(stepsOf(evidence, arms));
}

function mostOf(steps: readonly Step[]): number | undefined {
  const carried = steps.flatMap((step, at) => {
    const { seconds, voidSeconds, requests, errors } = step;
    const before = steps[at + 1];
    if (seconds === 0 || errors > FAILED_RATIO * requests) return [];
    if (before === undefined || before.seconds === 0) return [];
    return requests / (Math.max(seconds, STEP_SECONDS - voidSeconds) + untold(before));
  });
  return Math.max(0, ...carried) || undefined;
}

/** What a late report tells in one second is of those before it too, which may be of the step before. */
function untold({ seconds, voidSeconds }: Step): number {
  return Math.max(0, STEP_SECONDS - seconds - voidSeconds);
}

type Step = Pick<Counts, "requests" | "errors" | "seconds" | "voidSeconds">;

/** Newest first. Sums that end now, each ten seconds longer: their differences are the steps. */
function stepsOf(evidence: Evidence, arms: readonly Arm[]): readonly Step[] {
  const sums = Array.from({ length: STEPS + 1 }, (_, at) => {
    const counts = at === 0 ? [] : arms.map((arm) => evidence.countsOf(arm, at * STEP_SECONDS));
    return {
      requests: counts.reduce((sum, { requests }) => sum + requests, 0),
      errors: counts.reduce((sum, { errors }) => sum + errors, 0),
      seconds: Math.max(0, ...counts.map(({ seconds }) => seconds)),
      voidSeconds: Math.max(0, ...counts.map(({ voidSeconds }) => voidSeconds)),
    };
  });
  return Array.from({ length: STEPS }, (_, at) => {
    const [from, to] = [sums[at + 1], sums[at]];
    return {
      requests: (from?.requests ?? 0) - (to?.requests ?? 0),
      errors: (from?.errors ?? 0) - (to?.errors ?? 0),
      seconds: (from?.seconds ?? 0) - (to?.seconds ?? 0),
      voidSeconds: (from?.voidSeconds ?? 0) - (to?.voidSeconds ?? 0),
    };
  });
}
