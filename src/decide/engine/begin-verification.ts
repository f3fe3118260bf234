import type { Policy, Verify } from "../../policy/intent/policy.ts";
import { forecastOf } from "../stats/forecast-interval.ts";
import { newVerification, type Verification } from "../verification.ts";
import type { PolicyTick } from "./policy-tick.ts";

/** Trouble lasts this long on average; an action that is why shows within a sixtieth of it. */
const MEAN_TROUBLE_SECONDS = 1800;

const LAG_SECONDS = 30;

const HOLD_BACK_ALPHA = 0.05;

/** What an action has to show, from the second it was taken. */
export function beginVerification(
  { revert }: Policy,
  verify: Verify,
  {
    tick,
    measured,
    at,
    isCompared,
  }: {
    readonly tick: number;
    readonly measured: number;
    readonly at: PolicyTick;
    /** Envoys with the action stand beside others without it, or requests that are moved beside those that stay. */
    readonly isCompared: boolean;
  },
): Verification {
  const forecast = forecastOf(at.history(verify));
  return newVerification({
    inForceTick: tick + 1,
    ...(forecast !== undefined && { forecast }),
    goal: goalOf(verify, measured),
    sustainedSeconds: verify.sustainedSeconds,
    withinSeconds: revert.onNoEffectSeconds ?? verify.withinSeconds,
    lagSeconds: LAG_SECONDS,
    meanTroubleSeconds: MEAN_TROUBLE_SECONDS,
    alpha: HOLD_BACK_ALPHA,
    ...(isCompared && { better: improveRatio(verify) }),
  });
}

/** What treated nodes have to get below, as a multiple of the rate of the held. */
function improveRatio({ improve }: Verify): number {
  return improve.kind === "relative" ? 1 - improve.ratio : 1;
}

/** What the signal has to stay below. */
function goalOf({ improve }: Verify, before: number): number {
  if (improve.kind === "burnBelow") return improve.burn;
  return improve.kind === "below" ? improve.value : before * (1 - improve.ratio);
}
