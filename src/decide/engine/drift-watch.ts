import type { Policy } from "../../policy/intent/policy.ts";
import { type Drift, NO_DRIFT, scorePrediction, suspendDrift } from "../stats/drift.ts";
import type { News } from "./news.ts";
import type { Active } from "./policy-state.ts";
import type { PolicyTick } from "./policy-tick.ts";
import { PROBLEM_SECONDS } from "./problem.ts";

/**
 * Whether the probabilities of one Policy come true. Every 30 s the chance that there is trouble is held against whether
 * there was in the 30 s that followed, beside what a plain threshold would have said; and what an action was said to cure
 * against what came of it. Worse than the threshold for long: the Policy goes by `rules`, until 200 predictions were
 * better. Another way of measuring says nothing of the old one: nothing is weighed until it is known for 10 minutes.
 */
export interface DriftWatch {
  readonly drift: Drift;
  /** Said `PROBLEM_SECONDS` before it is scored. `under`: what was in force then; absent: nothing. */
  readonly predicted?: {
    readonly tick: number;
    readonly ours: number;
    readonly rules: number;
    readonly under?: string;
  };
  readonly instrument?: string;
  /** Goes by rules before this tick. */
  readonly suspendedUntilTick?: number;
}

export const UNWATCHED: DriftWatch = { drift: NO_DRIFT };

/** What a threshold says: it knows yes and no only, and is taken to be right four times of five. */
const RULES_YES = 0.8;

/** Of an action of whose kind nobody knows anything. */
const RULES_CURE = 0.5;

const SUSPENDED_SECONDS = 600;

export interface DriftTurn {
  readonly watch: DriftWatch;
  readonly news: readonly News[];
}

export function methodOf(
  { method }: Policy,
  { drift, suspendedUntilTick = 0 }: DriftWatch,
  tick: number,
): Policy["method"] {
  return drift.isAlarmed || tick < suspendedUntilTick ? "rules" : method;
}

export function watchDrift(
  policy: Policy,
  known: DriftWatch,
  { active, at }: { readonly active: Active | undefined; readonly at: PolicyTick },
): DriftTurn {
  const { verify, method } = policy;
  // A rule of `relative` has no level, so nothing is predicted.
  if (method === "rules" || verify === undefined || verify.improve.kind === "relative") {
    return { watch: known, news: [] };
  }
  const { tick } = at;
  const instrument = at.instrument(verify) ?? known.instrument;
  if (known.instrument !== undefined && instrument !== known.instrument) {
    return suspend(policy, known, { instrument, tick });
  }
  const same: DriftWatch = { ...known, ...(instrument !== undefined && { instrument }) };
  const under = inForce(active);
  // What is measured began before the action did, and is no sign of what it leaves.
  if (under !== undefined && tick - (active?.stageTick ?? tick) < PROBLEM_SECONDS)
    return { watch: without(same), news: [] };
  // What an action or its end changes is no longer what was predicted.
  const predicted = known.predicted?.under === under ? known.predicted : undefined;
  if (predicted !== undefined && tick - predicted.tick < PROBLEM_SECONDS) {
    return { watch: instrument === known.instrument ? known : same, news: [] };
  }
  const measured = at.measure(verify);
  const problem = at.problem(verify, measured);
  if (measured === undefined || problem === undefined) return { watch: without(same), news: [] };
  const wish = verify.improve.kind === "burnBelow" ? verify.improve.burn : verify.improve.value;
  const isTrouble = measured >= wish;
  const isDue = predicted !== undefined && tick - predicted.tick === PROBLEM_SECONDS;
  const scored = isDue
    ? score(policy, same, { ...predicted, came: isTrouble })
    : { watch: same, news: [] };
  const rules = isTrouble ? RULES_YES : 1 - RULES_YES;
  return {
    watch: {
      ...scored.watch,
      predicted: { tick, ours: problem.chance, rules, ...(under !== undefined && { under }) },
    },
    news: scored.news,
  };
}

/** What an action holds, and on how many Envoys; a shadow changes nothing. */
function inForce(active: Active | undefined): string | undefined {
  if (active === undefined || active.action?.isShadow === true) return undefined;
  return `${active.decision} ${active.stage}`;
}

/** What an action was said to do, and did or not. */
export function scoreCure(
  policy: Policy,
  known: DriftWatch,
  { pCure, came }: { readonly pCure: number | undefined; readonly came: boolean },
): DriftTurn {
  if (pCure === undefined) return { watch: known, news: [] };
  return score(policy, known, { ours: pCure, rules: RULES_CURE, came });
}

function score(
  policy: Policy,
  known: DriftWatch,
  prediction: { readonly ours: number; readonly rules: number; readonly came: boolean },
): DriftTurn {
  const drift = scorePrediction(known.drift, prediction);
  const watch = { ...known, drift };
  if (drift.isAlarmed === known.drift.isAlarmed) return { watch, news: [] };
  return { watch, news: [drift.isAlarmed ? alarmed(policy, drift) : trusted(policy)] };
}

function suspend(
  policy: Policy,
  known: DriftWatch,
  { instrument, tick }: { readonly instrument: string | undefined; readonly tick: number },
): DriftTurn {
  const because = `${policy.verify?.signal} is measured otherwise: ${instrument}, before ${known.instrument}. It goes by rules for ${SUSPENDED_SECONDS / 60} minutes; no alarm.`;
  return {
    watch: {
      drift: suspendDrift(known.drift),
      ...(instrument !== undefined && { instrument }),
      suspendedUntilTick: tick + SUSPENDED_SECONDS,
    },
    news: [told(policy, "suspend probabilities", because)],
  };
}

function alarmed(policy: Policy, { scored, brier }: Drift): News {
  const mean = (sum: number) => Number((sum / scored).toPrecision(3));
  const because = `Its probabilities came true less often than a plain threshold (Brier ${mean(brier.ours)} against ${mean(brier.rules)} over ${scored} predictions, and lately worse): it goes by rules until 200 predictions were better.`;
  return told(policy, "fall back to rules", because);
}

function trusted(policy: Policy): News {
  return told(
    policy,
    "weigh again",
    "200 predictions were better than those of a plain threshold: probabilities decide again.",
  );
}

function told(policy: Policy, verdict: string, because: string): News {
  return {
    kind: "decision",
    subject: { kind: "Policy", name: policy.name },
    body: { verdict, because: [because] },
  };
}

function without({ predicted: _, ...rest }: DriftWatch): DriftWatch {
  return rest;
}
