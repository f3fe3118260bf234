import { type Balance, balanceOf, burnOf } from "../../decide/engine/indicator.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/intent/slo.ts";

/**
 * Error budget left at the end of each equal part of an objective's window, oldest first: a row of the heat map. It moves
 * slowly and costs many sums, so it is made anew once a minute, and of a large mesh a few objectives in each second.
 */
export const PARTS_OF_WINDOW = 30;
const FRESH_SECONDS = 60;
const MOST_A_SECOND = 32;

type History = readonly (number | null)[];

export class BudgetHistory {
  readonly #known = new WeakMap<Slo, { readonly tick: number; readonly history: History }>();
  #tick = 0;
  #made = 0;

  of(slo: Slo, evidence: Evidence): History {
    const { tick } = evidence;
    if (tick !== this.#tick) {
      this.#tick = tick;
      this.#made = 0;
    }
    const known = this.#known.get(slo);
    const isFresh = known !== undefined && tick - known.tick < FRESH_SECONDS;
    if (isFresh || this.#made >= MOST_A_SECOND) return known?.history ?? [];
    this.#made += 1;
    const history = historyOf(slo, evidence);
    this.#known.set(slo, { tick, history });
    return history;
  }
}

/** Null: nothing was seen by then, or nothing in that part. */
export function historyOf(slo: Slo, evidence: Evidence): History {
  const { windowSeconds } = slo;
  const part = windowSeconds / PARTS_OF_WINDOW;
  const whole = balanceOf(slo, evidence, windowSeconds);
  if (whole === undefined) return [];
  let before = 0;
  return Array.from({ length: PARTS_OF_WINDOW }, (_, at) => {
    const rest = Math.round(windowSeconds - (at + 1) * part);
    const after = rest === 0 ? undefined : balanceOf(slo, evidence, rest);
    const seen = minus(whole, after);
    const isSilent = seen.seconds <= before;
    before = Math.max(before, seen.seconds);
    return isSilent ? null : (budgetLeft(slo, seen) ?? null);
  });
}

/** Of the budget of the whole window, after what was seen so far. */
export function budgetLeft(slo: Slo, seen: Balance | undefined): number | undefined {
  const burn = burnOf(slo, seen);
  if (burn === undefined || seen === undefined) return undefined;
  return 1 - burn * Math.min(1, seen.seconds / slo.windowSeconds);
}

/** Slots of a coarser ring begin earlier, so a part may hold a little more than the whole. */
function minus(whole: Balance, after: Balance | undefined): Balance {
  return {
    bad: Math.max(0, whole.bad - (after?.bad ?? 0)),
    total: Math.max(0, whole.total - (after?.total ?? 0)),
    seconds: Math.max(0, whole.seconds - (after?.seconds ?? 0)),
  };
}
