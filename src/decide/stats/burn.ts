import { printSpan } from "../../policy/span.ts";

/** Bad events and all events of a window. */
export interface Balance {
  readonly bad: number;
  readonly total: number;
}

/** How many times faster than allowed the error budget is used; undefined without an event. `target` in (0, 1). */
export function burn({ bad, total }: Balance, target: number): number | undefined {
  return total === 0 ? undefined : bad / total / (1 - target);
}

/** A rule fires while both windows burn at least this fast: the long one for weight, the short one to end with the trouble. */
export interface BurnRule {
  readonly name: string;
  readonly shortSeconds: number;
  readonly longSeconds: number;
  readonly burn: number;
  readonly severity: "page" | "ticket";
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** For a window of 30 days: the pairs of the SRE workbook, and the rule of 4 times for 10 minutes. */
export const BURN_RULES: readonly BurnRule[] = [
  pair(14.4, [5 * MINUTE, HOUR], "page"),
  pair(6, [30 * MINUTE, 6 * HOUR], "page"),
  pair(4, [10 * MINUTE, 10 * MINUTE], "page"),
  pair(3, [2 * HOUR, DAY], "ticket"),
  pair(1, [6 * HOUR, 3 * DAY], "ticket"),
];

function pair(
  burn: number,
  [shortSeconds, longSeconds]: readonly [number, number],
  severity: BurnRule["severity"],
): BurnRule {
  const times = `${Number(burn.toPrecision(3))}x`;
  const [short, long] = [printSpan(shortSeconds), printSpan(longSeconds)];
  const name = short === long ? `${times} for ${short}` : `${times} in ${short} and ${long}`;
  return { name, shortSeconds, longSeconds, burn, severity };
}

/** Whatever the window: slower than this nobody is woken, or asked to look. */
const LEAST_BURN = { page: 2, ticket: 1 } as const;

/**
 * The rules for an objective over another window: the same share of its budget within the same time, so faster burn
 * for a longer one. For a window of a day that would be a burn of half the budget: it is never below `LEAST_BURN`. A burn above
 * 1 / (1 - target) cannot happen; such a rule is left out and the trickle rule remains.
 */
export function burnRulesFor(windowSeconds: number, target: number): readonly BurnRule[] {
  return BURN_RULES.map((rule) => {
    const { shortSeconds, longSeconds, severity } = rule;
    return pair(scaled(rule, windowSeconds), [shortSeconds, longSeconds], severity);
  }).filter(({ burn }) => burn < 1 / (1 - target));
}

/** The rule of 4 times is the operator's own and holds as it is. */
function scaled(rule: BurnRule, windowSeconds: number): number {
  const { burn, shortSeconds, longSeconds, severity } = rule;
  if (shortSeconds === longSeconds) return burn;
  return Math.max(LEAST_BURN[severity], burn * (windowSeconds / (30 * DAY)));
}

export function isBurning(
  rule: BurnRule,
  balanceOf: (seconds: number) => Balance,
  target: number,
): boolean {
  const burns = [rule.shortSeconds, rule.longSeconds].map((seconds) =>
    burn(balanceOf(seconds), target),
  );
  return burns.every((found) => found !== undefined && found >= rule.burn);
}
