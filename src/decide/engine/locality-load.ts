import type { Arm, Evidence } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import { localitiesOf, nameOf, takesIn } from "../../policy/locality.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { toRps } from "../../policy/rate.ts";
import type { MovesOf } from "../act/effective.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import { mostCarried } from "./headroom.ts";
import { momentary, requestsOf } from "./indicator.ts";
import { PROBLEM_SECONDS } from "./problem.ts";
import { type LocalityLoad, planShift, type ShiftPlan } from "./shift-plan.ts";

/** What evidence says of the localities of a service: what they have, what they can carry, whether they are well. */
export interface ShiftGround {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  /** What is verified, if it is an objective. */
  readonly slo: Slo | undefined;
  /** Seconds since its weights last changed; absent: they are as written. */
  readonly settledSeconds?: number;
}

type Shift = MovesOf<"shift">;

/** Until a push is served by, counted and told. */
const LAG_SECONDS = 2;

const STEP_SECONDS = 10;
const LOOK_SECONDS = 60;

/** Of an objective that is nowhere written. */
const ALLOWED = 0.01;
const SURE = 0.95;

/** Undefined: nothing may be concluded, as load reports are late or say nothing of such a locality. */
export function shiftPlan(move: Shift, ground: ShiftGround): ShiftPlan | undefined {
  const { policySet, evidence } = ground;
  const service = policySet.services.find(({ name }) => name === move.service);
  const source = "load reports";
  if (evidence.stateOf({ service: move.service, source }).state !== "ok") return undefined;
  const loads = (service === undefined ? [] : localitiesOf(service)).map(({ locality, weight }) => {
    const arm = { service: move.service, locality: nameOf(locality) };
    const rps = peakRps(arm, ground);
    const written = service?.maxRatePerEndpoint;
    const capacityRps =
      written === undefined ? mostCarried(evidence, [arm]) : toRps(written) * weight;
    const load: LocalityLoad = {
      name: arm.locality,
      rps: rps ?? 0,
      ...(capacityRps !== undefined && { capacityRps }),
      isBad: isBad(arm, ground),
    };
    return { load, isSource: takesIn(move.from, locality), isKnown: rps !== undefined };
  });
  const sources = loads.filter(({ isSource }) => isSource).map(({ load }) => load);
  if (sources.length === 0 || loads.some(({ isKnown }) => !isKnown)) return undefined;
  const whole: LocalityLoad = {
    name: move.from,
    rps: sources.reduce((sum, { rps }) => sum + rps, 0),
    isBad: sources.some((each) => each.isBad),
  };
  const others = loads.filter(({ isSource }) => !isSource).map(({ load }) => load);
  return planShift(whole, others, move.now);
}

/** The highest rate of ten seconds in the last minute that is of the weights in force now. */
function peakRps(arm: Arm, ground: ShiftGround): number | undefined {
  const { settledSeconds = Number.POSITIVE_INFINITY } = ground;
  const known = Math.min(LOOK_SECONDS, settledSeconds - LAG_SECONDS);
  const step = Math.min(STEP_SECONDS, known);
  const windows = Array.from({ length: Math.floor(known / step) }, (_, at) => at * step);
  const rates = windows.flatMap((ago) => rateBetween(arm, ago, ago + step, ground.evidence) ?? []);
  return rates.length === 0 ? undefined : Math.max(...rates);
}

/**
 * By the seconds its reports speak of: one that comes late speaks of those before it too, unless nothing was told before
 * them. A locality that is asked nothing has a rate of 0.
 */
function rateBetween(arm: Arm, ago: number, until: number, evidence: Evidence): number | undefined {
  const told = { service: arm.service, source: "load reports" };
  const count = (of: Arm, from: number, to: number) => {
    const [all, newer] = [
      evidence.countsOf(of, to),
      from === 0 ? NONE : evidence.countsOf(of, from),
    ];
    const minus = (what: keyof typeof NONE) => all[what] - newer[what];
    return { requests: minus("requests"), heard: minus("seconds"), voided: minus("voidSeconds") };
  };
  const isTold = (at: number) => {
    const { heard, voided } = count(told, at, at + 1);
    return heard + voided > 0;
  };
  const beforeGap = (at: number) => {
    const seconds = Array.from({ length: STEP_SECONDS }, (_, more) => at + more);
    return seconds.find(isTold);
  };
  const { heard, voided } = count(told, ago, until);
  if (heard < (until - ago) / 2) return undefined;
  const [newest = ago, oldest] = [beforeGap(ago), beforeGap(until)];
  const seconds = oldest === undefined ? heard : oldest - newest - voided;
  return count(arm, ago, until).requests / seconds;
}

const NONE = { requests: 0, seconds: 0, voidSeconds: 0 };

function isBad(arm: Arm, { slo, evidence }: ShiftGround): boolean {
  if (
    slo?.service === arm.service &&
    slo.indicator.kind !== "prometheus" &&
    slo.tier === undefined
  ) {
    const balance = requestsOf(slo, evidence, PROBLEM_SECONDS, arm);
    const allowed = 1 - momentary(slo).target;
    return balance !== undefined && isSurelyAbove(balance.bad, balance.total, allowed);
  }
  const { errors, requests } = evidence.countsOf(arm, PROBLEM_SECONDS);
  return isSurelyAbove(errors, requests, ALLOWED);
}

function isSurelyAbove(bad: number, total: number, allowed: number): boolean {
  return total > 0 && pRateAbove(bad, total, allowed, allowed) >= SURE;
}
