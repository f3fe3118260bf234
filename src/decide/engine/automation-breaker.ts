import type { Evidence } from "../../evidence/evidence.ts";
import type { GuardVerdict } from "../record.ts";
import { type Breaker, force, halfOpenTick, phaseOf, type Strain, strain } from "./breaker.ts";
import type { EngineState } from "./state.ts";

/** The breaker of all automation: what is the matter with several Policies, with the Envoys or with the telemetry. */
const MOST_REFUSED = 0.01;

/** Every service silent for so long is no gap. */
const BLIND_SECONDS = 60;

/** One Policy that fails alone has a breaker of its own. */
const LEAST_POLICIES = 2;

export function stepBreaker(
  before: Breaker,
  strains: readonly Strain[],
  { evidence, tick, refusedRatio = 0 }: BreakerInput,
): Breaker {
  const after = strains.reduce(
    (breaker, each) => strain(breaker, each, { tick, leastPolicies: LEAST_POLICIES }),
    before,
  );
  return force(after, whyForced(evidence, refusedRatio), tick);
}

interface BreakerInput {
  readonly evidence: Evidence;
  readonly tick: number;
  readonly refusedRatio?: number;
}

function whyForced(evidence: Evidence, refusedRatio: number): string | undefined {
  if (refusedRatio > MOST_REFUSED) return "more than 1 % of the Envoys refuse what they are sent";
  const { services } = evidence;
  const isBlind = services.every(
    (service) => evidence.stateOf({ service }).ageSeconds >= BLIND_SECONDS,
  );
  return services.length > 0 && isBlind
    ? "telemetry is blind: no service has been heard for a minute"
    : undefined;
}

/** Why a Policy may not act. Half open, one may at a time, and each in its turn of the seconds, whatever their order. */
export function whyBroken(
  { breaker, policies }: EngineState,
  all: readonly { readonly name: string }[],
  name: string,
  tick: number,
): string | undefined {
  const phase = phaseOf(breaker, tick);
  if (phase === "closed") return undefined;
  if (phase === "open") return `the breaker of all automation is open: ${breaker.open?.why}`;
  const since = halfOpenTick(breaker) ?? tick;
  const isTaken = Object.values(policies).some(
    ({ active }) => active !== undefined && active.sinceTick >= since,
  );
  const isTurn = all[tick % all.length]?.name === name;
  return isTurn && !isTaken
    ? undefined
    : "the breaker of all automation lets one action through at a time";
}

/** A rollout goes no further; back it may go. */
export function breakerGuard(breaker: Breaker, tick: number): readonly GuardVerdict[] {
  if (phaseOf(breaker, tick) !== "open") return [];
  return [{ name: "breaker", passed: false, text: breaker.open?.why ?? "" }];
}
