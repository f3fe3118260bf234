import { type Balance, type BurnRule, burn, burnRulesFor, isBurning } from "./burn.ts";

/**
 * Whether to wake somebody: a burn rule fires, and the loss to be expected from silence is above that of a false alarm.
 *
 * Two hypotheses for a window of n requests with k bad: the service is within its budget (rate b), or in an incident
 * with a rate of m b, m spread over a grid from 2 to 1 / b with a quarter of it on an outage of 95 %. Their likelihoods
 * relate as the Bayes factor, mean over m of m^k ((1 - m b) / (1 - b))^(n - k). Silence in an incident costs
 * `MISS_COST` false alarms; with one window in `CALM_ODDS` in an incident beforehand, paging pays from a Bayes factor of
 * CALM_ODDS / MISS_COST on. A fixed confidence of 95 % instead finds an outage at 0.01 rps after 22 minutes.
 */
const CALM_ODDS = 1e7;
const MISS_COST = 100;
export const GATE = CALM_ODDS / MISS_COST;

const OUTAGE_RATE = 0.95;
const OUTAGE_PART = 0.25;
const GRID = 12;

/** Ever larger: 0 events give 1. `target` in (0, 1). */
export function bayesFactor({ bad, total }: Balance, target: number): number {
  const allowed = 1 - target;
  const good = total - bad;
  const top = Math.log(OUTAGE_RATE / allowed);
  const part = (multiple: number) =>
    Math.exp(bad * Math.log(multiple) + good * Math.log((1 - multiple * allowed) / (1 - allowed)));
  let sum = 0;
  for (let at = 0; at < GRID; at++) {
    sum += part(Math.exp(Math.LN2 + ((top - Math.LN2) * at) / GRID)) * ((1 - OUTAGE_PART) / GRID);
  }
  return Math.min(1e300, sum + OUTAGE_PART * part(OUTAGE_RATE / allowed));
}

export interface BurnPage {
  /** Name of the rule that woke somebody. */
  readonly rule: string;
  /** Over `windowSeconds`, and what it had to reach. */
  readonly burn: number;
  readonly threshold: number;
  readonly windowSeconds: number;
  readonly bayesFactor: number;
  readonly severity: BurnRule["severity"];
}

/**
 * The first rule that fires and passes the gate on either of its windows, pages before tickets. Undefined: silence.
 * `balanceOf(seconds)`: of the window that ends now.
 */
export function burnPage(
  balanceOf: (seconds: number) => Balance,
  slo: { readonly target: number; readonly windowSeconds: number },
): BurnPage | undefined {
  return standingBurn("page", balanceOf, slo) ?? standingBurn("ticket", balanceOf, slo);
}

/** The same of one severity. */
export function standingBurn(
  severity: BurnRule["severity"],
  balanceOf: (seconds: number) => Balance,
  { target, windowSeconds }: { readonly target: number; readonly windowSeconds: number },
): BurnPage | undefined {
  const firing = burnRulesFor(windowSeconds, target)
    .filter((rule) => rule.severity === severity && isBurning(rule, balanceOf, target))
    .map((rule) => gated(rule, balanceOf, target))
    .find((page) => page !== undefined);
  return firing ?? (severity === "page" ? trickle(balanceOf, target) : undefined);
}

function gated(
  { name, severity, shortSeconds, longSeconds, burn: threshold }: BurnRule,
  balanceOf: (seconds: number) => Balance,
  target: number,
): BurnPage | undefined {
  const [short, long] = [balanceOf(shortSeconds), balanceOf(longSeconds)];
  const found = Math.max(bayesFactor(short, target), bayesFactor(long, target));
  if (found < GATE) return undefined;
  const seen = { burn: burn(short, target) ?? 0, threshold, windowSeconds: shortSeconds };
  return { rule: name, severity, ...seen, bayesFactor: found };
}

const TRICKLE = { seconds: 6 * 3600, recentSeconds: 3600, mostRps: 0.5, leastBad: 4, burn: 6 };

/** Below 0.5 rps the short windows are mostly empty, and no pair may ever fire: the long one alone, if it goes on. */
function trickle(balanceOf: (seconds: number) => Balance, target: number): BurnPage | undefined {
  const long = balanceOf(TRICKLE.seconds);
  if (long.total >= TRICKLE.mostRps * TRICKLE.seconds || long.bad < TRICKLE.leastBad)
    return undefined;
  if (balanceOf(TRICKLE.recentSeconds).bad === 0) return undefined;
  const found = burn(long, target) ?? 0;
  const factor = bayesFactor(long, target);
  const threshold = Math.min(TRICKLE.burn, 1 / (1 - target));
  if (found < threshold || factor < GATE) return undefined;
  const seen = { burn: found, threshold, windowSeconds: TRICKLE.seconds };
  return { rule: "trickle of 6h", severity: "page", ...seen, bayesFactor: factor };
}
