import type { News } from "./news.ts";
import type { Active } from "./policy-state.ts";

/**
 * What a Policy would have done in shadow: how often, and how often for nothing. Trouble that ends in time although nothing
 * was done needed no action. Only a report that is fresh and within bounds lets it be promoted.
 */
export interface ShadowActs {
  /** Of the last 14 days, oldest first, 200 at most. */
  readonly acts: readonly { readonly tick: number; readonly isNeeded?: boolean }[];
}

export const NO_SHADOW: ShadowActs = { acts: [] };

const DAY = 86_400;
const FRESH_SECONDS = 14 * DAY;
const MOST_ACTS = 200;

/** Toggles of an hour that the language allows, and alerts that nobody needed. */
const MOST_PER_HOUR = 5;
const MOST_UNNEEDED = 0.05;

export function noteShadow(
  { acts }: ShadowActs,
  news: readonly News[],
  {
    before,
    after,
    tick,
  }: {
    readonly before: Active | undefined;
    readonly after: Active | undefined;
    readonly tick: number;
  },
): ShadowActs {
  const fresh = acts.filter((act) => tick - act.tick < FRESH_SECONDS);
  if (news.some(({ kind, body }) => kind === "action" && body.mode === "shadow")) {
    return { acts: [...fresh, { tick }].slice(-MOST_ACTS) };
  }
  const [was, is] = [before?.verification?.outcome, after?.verification?.outcome];
  const isSettled = after?.action?.isShadow === true && is !== was && is !== undefined;
  if (!isSettled || is === "waiting")
    return fresh.length === acts.length ? { acts } : { acts: fresh };
  const isNeeded = is === "no effect" || is === "harm";
  return { acts: fresh.map((act, at) => (at === fresh.length - 1 ? { ...act, isNeeded } : act)) };
}

export interface ShadowReport {
  readonly acts: number;
  readonly judged: number;
  readonly unneeded: number;
  /** Acts of the worst hour. */
  readonly worstHour: number;
  /** Why it may not be promoted; undefined: it may. */
  readonly whyNot?: string;
}

export function reportOf({ acts }: ShadowActs, tick: number): ShadowReport {
  const fresh = acts.filter((act) => tick - act.tick < FRESH_SECONDS);
  const judged = fresh.filter(({ isNeeded }) => isNeeded !== undefined).length;
  const unneeded = fresh.filter(({ isNeeded }) => isNeeded === false).length;
  const worstHour = Math.max(
    0,
    ...fresh.map(
      ({ tick: from }) => fresh.filter((act) => act.tick >= from && act.tick - from < 3600).length,
    ),
  );
  const figures = { acts: fresh.length, judged, unneeded, worstHour };
  const whyNot = whyNotPromote(figures);
  return { ...figures, ...(whyNot !== undefined && { whyNot }) };
}

function whyNotPromote({
  judged,
  unneeded,
  worstHour,
}: Omit<ShadowReport, "whyNot">): string | undefined {
  if (judged === 0) return "in the last 14 days nothing it would have done in shadow was judged";
  if (worstHour > MOST_PER_HOUR)
    return `in its worst hour it would have acted ${worstHour} times, at most ${MOST_PER_HOUR} are allowed`;
  if (unneeded / judged > MOST_UNNEEDED)
    return `${unneeded} of ${judged} times trouble ended in time without it, at most ${MOST_UNNEEDED * 100} % are allowed`;
  return undefined;
}
