import type { Tried } from "./cures.ts";
import type { News } from "./news.ts";
import type { Active } from "./policy-state.ts";

/** What a Policy has done for anybody, over its whole life: whether to keep it is a question of numbers. */
export interface Ledger {
  readonly sinceTick: number;
  readonly acted: number;
  /** Absent: it never has. */
  readonly lastActTick?: number;
  readonly helped: number;
  /** Better, but maybe by itself. */
  readonly recovered: number;
  readonly noEffect: number;
  readonly harmed: number;
  /** Of people: what they would have needed to wake, look and do the same, less what the action took. */
  readonly minutesSaved: number;
}

/** From the page until a person has done what a runbook says. */
const BY_HAND_MINUTES = 15;

/** Fewer tries say nothing. */
const LEAST_TRIES = 5;
const LEAST_HELPED = 0.2;
const IDLE_DAYS = 90;
const DAY = 86_400;

export function newLedger(tick: number): Ledger {
  return {
    sinceTick: tick,
    acted: 0,
    helped: 0,
    recovered: 0,
    noEffect: 0,
    harmed: 0,
    minutesSaved: 0,
  };
}

type Ending = "helped" | "recovered" | "noEffect" | "harmed";

const ENDINGS: Readonly<Record<string, Ending>> = {
  success: "helped",
  recovered: "recovered",
  "no effect": "noEffect",
  revert: "harmed",
};

/** What the news of a turn say of an action that was `active`; undefined: nothing was settled. */
export function endingOf(news: readonly News[]): Ending | undefined {
  const found = news.find(({ kind, body }) => kind === "outcome" && body.verdict in ENDINGS);
  return found && ENDINGS[found.body.verdict];
}

export function note(
  ledger: Ledger,
  news: readonly News[],
  active: Active | undefined,
  tick: number,
): Ledger {
  const hasActed = news.some(({ kind, body }) => kind === "action" && body.mode !== "shadow");
  const isReal = active !== undefined && active.action?.isShadow !== true;
  const ending = isReal ? endingOf(news) : undefined;
  if (!hasActed && ending === undefined) return ledger;
  const took = active === undefined ? 0 : (tick - active.sinceTick) / 60;
  return {
    ...ledger,
    acted: ledger.acted + (hasActed ? 1 : 0),
    ...(hasActed && { lastActTick: tick }),
    ...(ending !== undefined && { [ending]: ledger[ending] + 1 }),
    ...(ending === "helped" && {
      minutesSaved: ledger.minutesSaved + Math.max(0, BY_HAND_MINUTES - took),
    }),
  };
}

export function noteTried(
  tried: Readonly<Record<string, Tried>>,
  rank: number,
  ending: Ending | undefined,
): Readonly<Record<string, Tried>> {
  if (ending === undefined || ending === "recovered") return tried;
  const { helped, failed } = tried[rank] ?? { helped: 0, failed: 0 };
  const isHelp = ending === "helped";
  return {
    ...tried,
    [rank]: { helped: helped + (isHelp ? 1 : 0), failed: failed + (isHelp ? 0 : 1) },
  };
}

/** Why it may be time to let it go; undefined: it earns its keep, or nothing is known. */
export function retireHint(
  { sinceTick, acted, helped, noEffect, harmed }: Ledger,
  tick: number,
): string | undefined {
  const days = Math.floor((tick - sinceTick) / DAY);
  if (acted === 0) return days >= IDLE_DAYS ? `has not acted in ${days} days` : undefined;
  const judged = helped + noEffect + harmed;
  if (judged < LEAST_TRIES) return undefined;
  if (harmed > helped) return `harmed ${harmed} times, helped ${helped}`;
  return helped / judged < LEAST_HELPED ? `helped ${helped} times of ${judged}` : undefined;
}
