/**
 * How often one knob may move: at most 4 times in any rolling hour, and once more to tighten, so never as often as 6; a
 * Policy may ask for less. Releasing always waits for one of the 4. Reversing a move doubles the interval until the next.
 */
export interface KnobState {
  /** Ticks of its moves within the last hour, oldest first. */
  readonly movedTicks: readonly number[];
  readonly last?: "tighten" | "release";
  /** Multiplies the least interval: 1, 2, 4, 8. */
  readonly patience: number;
}

export const UNMOVED: KnobState = { movedTicks: [], patience: 1 };

const HOUR = 3600;
const MOST_MOVES = 4;
const TIGHTEN_RESERVE = 1;
const MOST_PATIENCE = 8;

/** Why not; undefined: it may. */
export function whyNotMove(
  knob: KnobState,
  direction: "tighten" | "release",
  at: {
    readonly tick: number;
    readonly minIntervalSeconds: number;
    readonly budgetPerHour: number;
  },
): string | undefined {
  const moved = within(knob.movedTicks, at.tick);
  const most = Math.min(at.budgetPerHour, MOST_MOVES);
  const room = direction === "tighten" ? most + TIGHTEN_RESERVE : most;
  if (moved.length >= room) return `the knob has moved ${moved.length} times within the hour`;
  const last = moved.at(-1);
  const interval = at.minIntervalSeconds * knob.patience;
  if (last !== undefined && knob.last !== direction && at.tick - last < interval) {
    return `the knob moved ${at.tick - last} s ago and rests for ${interval} s`;
  }
  return undefined;
}

/** Nothing is left of its hour, not even the move that only tightens. */
export function isSpent(
  { movedTicks }: KnobState,
  { tick, budgetPerHour }: { readonly tick: number; readonly budgetPerHour: number },
): boolean {
  return within(movedTicks, tick).length >= Math.min(budgetPerHour, MOST_MOVES) + TIGHTEN_RESERVE;
}

export function move(knob: KnobState, direction: "tighten" | "release", tick: number): KnobState {
  const moved = within(knob.movedTicks, tick);
  const isReversal = knob.last !== undefined && knob.last !== direction && moved.length > 0;
  const patience = isReversal
    ? Math.min(MOST_PATIENCE, knob.patience * 2)
    : moved.length === 0
      ? Math.max(1, knob.patience / 2)
      : knob.patience;
  return { movedTicks: [...moved, tick], last: direction, patience };
}

function within(ticks: readonly number[], tick: number): readonly number[] {
  return ticks.filter((at) => tick - at < HOUR);
}
