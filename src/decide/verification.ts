import { type Forecast, intervalAt } from "./stats/forecast-interval.ts";
import {
  type HoldBack,
  holdBackEvidence,
  NO_HOLD_BACK,
  observeHoldBack,
} from "./stats/hold-back.ts";

/**
 * Whether an action helped. An improvement alone does not say so: trouble also ends by itself. It is a success if the
 * goal is reached and kept, and the action is why:
 * - with nodes held back, if those treated are better than those held by evidence of 1 / alpha;
 * - else if the signal left the interval forecast without the action, and began to within `lagSeconds` of its being in
 *   force. Trouble that ends by itself after `meanTroubleSeconds` on average does so within the lag with a chance of
 *   lag / mean, and that has to be below 5 %.
 * Whatever gets better otherwise is `recovered`: the action is not undone as useless, and not remembered as useful.
 * Plain JSON; the signal is better the smaller it is.
 */
export interface Verification {
  readonly plan: VerificationPlan;
  readonly holdBack?: HoldBack;
  /** Since when the signal is below the forecast; absent: it is not. */
  readonly leftTick?: number;
  /** Since when the goal is met without a break. */
  readonly metTick?: number;
  readonly aboveSeconds: number;
  readonly newestTick: number;
  readonly outcome: Outcome;
}

export interface VerificationPlan {
  /** The action is in force on all nodes meant. */
  readonly inForceTick: number;
  /** Undefined: too little was known before, so nothing but nodes held back can show a success. */
  readonly forecast?: Forecast;
  /** The signal has to stay below. */
  readonly goal: number;
  readonly sustainedSeconds: number;
  readonly withinSeconds: number;
  readonly lagSeconds: number;
  readonly meanTroubleSeconds: number;
  /** Multiple of the held rate that treated nodes have to get below, (0, 1]; absent: none are held back. */
  readonly better?: number;
  /** Of calling a useless action a success, by nodes held back. */
  readonly alpha: number;
}

export type Outcome = "waiting" | "success" | "recovered" | "no effect" | "harm";

/** This many seconds above what was forecast are harm, not noise. */
const HARM_SECONDS = 15;
const MOST_CHANCE = 0.05;

export function newVerification(plan: VerificationPlan): Verification {
  return {
    plan,
    ...(plan.better !== undefined && { holdBack: NO_HOLD_BACK }),
    aboveSeconds: 0,
    newestTick: plan.inForceTick,
    outcome: "waiting",
  };
}

export interface VerifiedSecond {
  readonly tick: number;
  /** Undefined: unknown in that second, which changes nothing. */
  readonly value: number | undefined;
  readonly treated?: { readonly bad: number; readonly of: number };
  readonly held?: { readonly bad: number; readonly of: number };
}

/** An outcome once reached stays. */
export function observeVerification(known: Verification, at: VerifiedSecond): Verification {
  if (known.outcome !== "waiting" || at.value === undefined) return known;
  const { plan } = known;
  const { forecast } = plan;
  const interval = forecast && intervalAt(forecast, Math.max(1, at.tick - plan.inForceTick));
  const hasLeft = interval !== undefined && at.value < interval.least;
  const isMet = at.value < plan.goal;
  const isAbove = interval !== undefined && at.value > interval.most && !isMet;
  const { leftTick: _left, metTick: _met, ...kept } = known;
  const seen: Verification = {
    ...kept,
    ...(known.holdBack !== undefined && { holdBack: withHoldBack(known.holdBack, plan, at) }),
    // What once left it in time may come back to it: where the trouble had a trend of its own, the interval widens.
    ...((hasLeft || known.metTick !== undefined) && { leftTick: known.leftTick ?? at.tick }),
    ...(isMet && { metTick: known.metTick ?? at.tick }),
    aboveSeconds: isAbove ? known.aboveSeconds + 1 : 0,
    newestTick: at.tick,
  };
  return { ...seen, outcome: outcomeOf(seen) };
}

function outcomeOf(known: Verification): Outcome {
  const { plan, holdBack, metTick, newestTick, aboveSeconds } = known;
  // Nobody was held back that has traffic: then it is the forecast that counts.
  const isCompared = holdBack !== undefined && holdBack.held.of > 0 && holdBack.treated.of > 0;
  const evidence = isCompared ? holdBackEvidence(holdBack) : undefined;
  if (evidence !== undefined && evidence.harms >= 1 / plan.alpha) return "harm";
  if (evidence === undefined && aboveSeconds >= HARM_SECONDS) return "harm";
  const isSustained = metTick !== undefined && newestTick - metTick >= plan.sustainedSeconds;
  const isOver = newestTick - plan.inForceTick >= plan.withinSeconds;
  if (evidence !== undefined) {
    if (evidence.helps >= 1 / plan.alpha && isSustained) return "success";
    if (!isOver) return "waiting";
    return isSustained ? "recovered" : "no effect";
  }
  if (isSustained) return isTimely(known) ? "success" : "recovered";
  return isOver && metTick === undefined ? "no effect" : "waiting";
}

/** The signal left the forecast so soon after the action that chance hardly explains it. */
function isTimely({ plan, leftTick }: Verification): boolean {
  if (leftTick === undefined || plan.forecast === undefined) return false;
  const chance = 1 - Math.exp(-plan.lagSeconds / plan.meanTroubleSeconds);
  return chance <= MOST_CHANCE && leftTick - plan.inForceTick <= plan.lagSeconds;
}

function withHoldBack(known: HoldBack, plan: VerificationPlan, at: VerifiedSecond): HoldBack {
  const { treated, held } = at;
  if (treated === undefined || held === undefined) return known;
  return observeHoldBack(known, treated, held, plan.better ?? 1, 1);
}
