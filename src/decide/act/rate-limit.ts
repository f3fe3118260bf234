import type { Rate } from "../../policy/intent/rate.ts";
import type { RateLimit, TieredRates } from "../../policy/intent/rate-limit.ts";
import type { Shedding } from "../../policy/intent/shedding.ts";
import type { MeshMove } from "./action.ts";

/**
 * A RateLimit under the actions on it. Those about tiers leave its own bucket as it is and give each tier one more, with a
 * rate of its own; a request of that tier needs a token of both.
 */
type Limiting = Extract<MeshMove, { kind: "rateLimit" }>;

export function limitRate(
  rateLimit: RateLimit,
  moves: readonly Limiting[],
  sheddings: readonly Shedding[],
): RateLimit {
  const asked = moves.filter(({ name }) => name === rateLimit.name);
  if (asked.length === 0) return rateLimit;
  const whole = asked.filter(({ tiers }) => tiers.length === 0);
  const { rate, burst } =
    whole.length === 0
      ? rateLimit
      : scaled(rateLimit, Math.min(...whole.map((move) => factorOf(rateLimit, move))));
  const tiered = tieredRates(
    rateLimit,
    asked.filter(({ tiers }) => tiers.length > 0),
    sheddings,
  );
  return { ...rateLimit, rate, burst, ...(tiered !== undefined && { tiered }) };
}

/** Of the written rate, within the bounds, and not below the floor of the guard. */
function factorOf(rateLimit: RateLimit, move: Limiting): number {
  const { rate, bounds = {} } = rateLimit;
  const asked = move.rate === undefined ? (move.factor ?? 1) : perMs(move.rate) / perMs(rate);
  const least = bounds.min === undefined ? 0 : perMs(bounds.min) / perMs(rate);
  const most = bounds.max === undefined ? 1 : perMs(bounds.max) / perMs(rate);
  return Math.min(most, Math.max(least, move.leastFactor ?? 0, asked));
}

function scaled({ rate, burst }: RateLimit, factor: number): Pick<RateLimit, "rate" | "burst"> {
  return {
    rate: { ...rate, requests: Math.max(1, Math.round(rate.requests * factor)) },
    burst: Math.max(1, Math.round(burst * factor)),
  };
}

/** Each tier at the least that is asked for it, and never below its own floor. */
function tieredRates(
  rateLimit: RateLimit,
  moves: readonly Limiting[],
  sheddings: readonly Shedding[],
): TieredRates | undefined {
  const names = [...new Set(moves.flatMap(({ tiers }) => tiers))].sort();
  const shedding = tiersFor(rateLimit, names, sheddings);
  if (names.length === 0 || shedding === undefined) return undefined;
  const rates = names.map((name) => {
    const factors = moves
      .filter(({ tiers }) => tiers.includes(name))
      .map((move) => factorOf(rateLimit, move));
    const floor = shedding.tiers.find((tier) => tier.name === name)?.floorRatio ?? 0;
    return [name, scaled(rateLimit, Math.max(floor, Math.min(...factors)))] as const;
  });
  return { tiers: shedding.tiers, unmatched: shedding.unmatched, rates: Object.fromEntries(rates) };
}

/** Who says what is of which tier: the Shedding of the same target, else the first by name that knows them all. */
function tiersFor(
  { target }: RateLimit,
  names: readonly string[],
  sheddings: readonly Shedding[],
): Shedding | undefined {
  const knowing = sheddings.filter(({ tiers }) =>
    names.every((name) => tiers.some((tier) => tier.name === name)),
  );
  const own = knowing.find(
    (each) => each.target.kind === target.kind && each.target.name === target.name,
  );
  return own ?? knowing[0];
}

function perMs({ requests, perMs }: Rate): number {
  return requests / perMs;
}
