/**
 * The breaker on automation itself, one for each Policy and one for all: it opens on 2 failures among the last 5 actions, 2
 * reverts within an hour, a budget of moves spent twice in 6 hours; that of all also while more than 1 % of the Envoys refuse
 * what they are sent, and while every service is blind. Open, nothing is done by itself and somebody is paged; after half an
 * hour it is half open: one action, on some Envoys first, whose success closes it and whose failure opens it again.
 */
export interface Breaker {
  /** Of the last actions, the newest last: whether they failed, and whose they were. */
  readonly last: readonly { readonly failed: boolean; readonly policy: string }[];
  readonly revertTicks: readonly number[];
  readonly spentTicks: readonly number[];
  /** Absent: it is closed. */
  readonly open?: { readonly sinceTick: number; readonly why: string };
}

export const CLOSED: Breaker = { last: [], revertTicks: [], spentTicks: [] };

/** What happened in a turn. */
export interface Strain {
  readonly policy: string;
  /** How an action ended; absent: none did. */
  readonly ended?: "well" | "badly";
  readonly isReverted?: boolean;
  readonly isSpent?: boolean;
}

const HOUR = 3600;
const LAST = 5;
const FAILURES = 2;
const REVERTS = 2;
const SPENT = 2;
const SPENT_SECONDS = 6 * HOUR;

/** Until one action is let through. */
const OPEN_SECONDS = 1800;

export type Phase = "closed" | "open" | "half open";

export function phaseOf({ open }: Breaker, tick: number): Phase {
  if (open === undefined) return "closed";
  return tick - open.sinceTick < OPEN_SECONDS ? "open" : "half open";
}

/** When it lets an action through again; undefined: it is not open. */
export function halfOpenTick({ open }: Breaker): number | undefined {
  return open && open.sinceTick + OPEN_SECONDS;
}

/** `leastPolicies`: so many have to have failed; one that fails alone has a breaker of its own. */
export function strain(
  known: Breaker,
  { policy, ended, isReverted = false, isSpent = false }: Strain,
  { tick, leastPolicies = 1 }: { readonly tick: number; readonly leastPolicies?: number },
): Breaker {
  if (ended === undefined && !isReverted && !isSpent) return known;
  if (known.open !== undefined && ended === "well") return CLOSED;
  const failed = ended === "badly";
  const before = known.spentTicks.filter((at) => tick - at < SPENT_SECONDS);
  // A budget that stays spent is spent once an hour.
  const isNewSpent = isSpent && before.every((at) => tick - at >= HOUR);
  const next: Breaker = {
    ...known,
    last: ended === undefined ? known.last : [...known.last, { failed, policy }].slice(-LAST),
    revertTicks: [...known.revertTicks, ...(isReverted ? [tick] : [])].filter(
      (at) => tick - at < HOUR,
    ),
    spentTicks: isNewSpent ? [...before, tick] : before,
  };
  if (known.open !== undefined) {
    const isAgain = failed && phaseOf(known, tick) === "half open";
    return isAgain ? opened(next, tick, "the one action it let through failed") : next;
  }
  const why = whyOpen(next, leastPolicies);
  return why === undefined ? next : opened(next, tick, why);
}

/** Opened by something else than actions: refusals, blindness. Stays open as long as that lasts, and half an hour more. */
export function force(known: Breaker, why: string | undefined, tick: number): Breaker {
  return why === undefined ? known : opened(known, tick, why);
}

function opened(known: Breaker, tick: number, why: string): Breaker {
  return { ...known, open: { sinceTick: tick, why } };
}

function whyOpen(
  { last, revertTicks, spentTicks }: Breaker,
  leastPolicies: number,
): string | undefined {
  const failures = last.filter(({ failed }) => failed);
  const culprits = new Set(failures.map(({ policy }) => policy));
  if (failures.length >= FAILURES && culprits.size >= leastPolicies) {
    return `${failures.length} of its last ${last.length} actions failed`;
  }
  if (revertTicks.length >= REVERTS && culprits.size >= leastPolicies) {
    return `${revertTicks.length} actions were taken back within an hour`;
  }
  if (spentTicks.length >= SPENT)
    return `the budget of a knob was spent ${spentTicks.length} times in 6 hours`;
  return undefined;
}
