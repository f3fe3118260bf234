/**
 * Evidence from how bad events split between two arms that take traffic side by side.
 *
 * In a second the arms have n and m requests, share r = n / (n + m). If the first arm's rate is d times the other's, a bad
 * event is the first's with chance th(d) = r d / (r d + 1 - r), whatever the rate of both. Betting that the multiple is
 * g d0 and not d0 multiplies a wealth by (th(g d0) / th(d0))^hits ((1 - th(g d0)) / (1 - th(d0)))^(bad - hits).
 * For independent requests and any common rate, chosen by an adversary before the second if need be, that factor's mean
 * is at most 1 while the true multiple is at most d0 (g > 1; at least d0 for g < 1), by 1 + x <= e^x. So a wealth that
 * began at 1 ever reaches 1 / alpha with a chance of at most alpha (Ville), at any number of looks and under moving
 * weights and base rates. Wealth is spread over a grid of g, and kept as logarithms.
 */
export type Wealth = readonly number[];

/** Multiples above what is granted, ln g from 0.15 to ln 50. */
export const ABOVE: readonly number[] = Array.from({ length: 12 }, (_, at) =>
  Math.exp(0.15 * (Math.log(50) / 0.15) ** (at / 11)),
);
export const BELOW: readonly number[] = ABOVE.map((gain) => 1 / gain);

const LN_ABOVE = ABOVE.map(Math.log);
const LN_BELOW = BELOW.map(Math.log);

export const STAKE: Wealth = ABOVE.map(() => 0);

/** Of one second. */
export interface Split {
  /** The first arm's part of the requests, in [0, 1]. */
  readonly share: number;
  /** Bad events of the first arm, of both. */
  readonly hits: number;
  readonly bad: number;
}

/** `granted`: d0, the multiple that is betted against, > 0. */
export function bet(
  wealth: Wealth,
  side: "above" | "below",
  granted: number,
  { share, hits, bad }: Split,
): Wealth {
  if (bad === 0 || share <= 0 || share >= 1) return wealth;
  const odds = share * granted;
  const rest = 1 - share;
  const perWhole = 1 / (odds + rest);
  const gains = side === "above" ? ABOVE : BELOW;
  const lns = side === "above" ? LN_ABOVE : LN_BELOW;
  // A loop over a copy: this runs some thousand times a tick.
  const next = wealth.slice();
  for (let at = 0; at < next.length; at++) {
    const lost = bad * Math.log((odds * (gains[at] ?? 1) + rest) * perWhole);
    next[at] = (next[at] ?? 0) + hits * (lns[at] ?? 0) - lost;
  }
  return next;
}

/**
 * ln of the mean wealth, each raised to 1 / phi first: what scatters phi times as much as independent requests pays as
 * little by chance at every g.
 */
export function lnMean(wealth: Wealth, phi = 1): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const log of wealth) if (log > top) top = log;
  let sum = 0;
  for (const log of wealth) sum += Math.exp((log - top) / phi);
  return top / phi + Math.log(sum / wealth.length);
}

/**
 * Four fifths of the stake are bet from the start, the rest a part a minute: 1 / (k (k + 1)) of it at the start of minute
 * k. What has gone well for an hour and then breaks is found by the late parts, not only after all that was lost has
 * been won back. The parts never sum above 1, so the law of `Wealth` holds for all of it.
 */
export function addLatePart(wealth: Wealth, minute: number): Wealth {
  const part = Math.log(LATE / (minute * (minute + 1)));
  return wealth.map((log) => lnSum(log, part));
}

const LATE = 0.2;
export const FIRST_PART: Wealth = STAKE.map(() => Math.log(1 - LATE));

/** What is not bet yet in minute k. */
export function heldBack(minute: number): number {
  return LATE / (minute + 1);
}

export function lnSum(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === Number.NEGATIVE_INFINITY ? top : top + Math.log1p(Math.exp(Math.min(a, b) - top));
}
