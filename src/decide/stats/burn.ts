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
  pair("14.4x in 5m and 1h", 5 * MINUTE, HOUR, 14.4, "page"),
  pair("6x in 30m and 6h", 30 * MINUTE, 6 * HOUR, 6, "page"),
  pair("4x for 10m", 10 * MINUTE, 10 * MINUTE, 4, "page"),
  pair("3x in 2h and 1d", 2 * HOUR, DAY, 3, "ticket"),
  pair("1x in 6h and 3d", 6 * HOUR, 3 * DAY, 1, "ticket"),
];

function pair(
  name: string,
  shortSeconds: number,
  longSeconds: number,
  burn: number,
  severity: "page" | "ticket",
): BurnRule {
  return { name, shortSeconds, longSeconds, burn, severity };
}

/**
 * The rules for an objective over another window: the same share of its budget within the same time, so faster burn
 * for a longer one. A burn above 1 / (1 - target) cannot happen; such a rule is left out and the trickle rule remains.
 */
export function burnRulesFor(windowSeconds: number, target: number): readonly BurnRule[] {
  return BURN_RULES.map((rule) => ({ ...rule, burn: scaled(rule, windowSeconds) })).filter(
    (rule) => rule.burn < 1 / (1 - target),
  );
}

/** The rule of 4 times is the operator's own and holds as it is. */
function scaled({ burn, shortSeconds, longSeconds }: BurnRule, windowSeconds: number): number {
  return shortSeconds === longSeconds ? burn : burn * (windowSeconds / (30 * DAY));
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
