import type { PolicyClass } from "../policy/intent/policy.ts";

/**
 * How often one knob of one scope may move: at most 4 times in any rolling hour and once more to tighten, so always
 * below 6. Tightening is fast, releasing slow: it waits for a multiple of the least interval that doubles with every
 * reversal, up to 8, and halves with every quiet hour, and always for one of the 4. A safety or security class that finds
 * them spent does not wait: its fifth move goes to the tightest bound, where nothing further is needed, and stays there.
 * Plain JSON.
 */
export interface Knob {
  /** 0: released, 1: as tight as its bounds allow. */
  readonly value: number;
  /** Of its moves within the last hour, oldest first. */
  readonly movedTicks: readonly number[];
  readonly last?: "tighten" | "release";
  /** Of the least interval, before a release: 1, 2, 4, 8. */
  readonly patience: number;
}

export interface KnobRules {
  readonly class: PolicyClass;
  readonly minIntervalSeconds: number;
  /** 1..5; the fifth only tightens. */
  readonly budgetPerHour: number;
  /** Wishes nearer than this are no reason to move. */
  readonly deadband: number;
  /** Largest step of one move. */
  readonly maxTighten: number;
  readonly maxRelease: number;
}

export interface KnobTurn {
  readonly knob: Knob;
  readonly hasMoved: boolean;
  /** Why it stays where another value was wished; empty: it does not. */
  readonly why: string;
  /** At its tightest because the budget is spent: somebody must look. */
  readonly isLatched: boolean;
}

export const RELEASED: Knob = { value: 0, movedTicks: [], patience: 1 };

const HOUR = 3600;
const MOST_MOVES = 4;
const MOST_PATIENCE = 8;

/** `wish` in [0, 1]; `tick` never falls. */
export function turnKnob(knob: Knob, wish: number, tick: number, rules: KnobRules): KnobTurn {
  const gap = wish - knob.value;
  const isEnd = wish === 0 || wish === 1;
  if (gap === 0 || (Math.abs(gap) < rules.deadband && !isEnd)) return stay(knob, "");
  const direction = gap > 0 ? "tighten" : "release";
  const recent = knob.movedTicks.filter((at) => tick - at < HOUR);
  const patience = rested(knob, tick);
  const why = whyNot(direction, recent, tick, { ...rules, patience });
  if (why !== "") return stay(knob, why);
  const isReserve = recent.length >= Math.min(rules.budgetPerHour, MOST_MOVES);
  const isLatched = isReserve && isUrgent(rules.class);
  const step =
    direction === "tighten" ? Math.min(gap, rules.maxTighten) : Math.max(gap, -rules.maxRelease);
  const isReversal = knob.last !== undefined && knob.last !== direction && recent.length > 0;
  return {
    knob: {
      value: isLatched ? 1 : knob.value + step,
      movedTicks: [...recent, tick],
      last: direction,
      patience: isReversal ? Math.min(MOST_PATIENCE, patience * 2) : patience,
    },
    hasMoved: true,
    why: "",
    isLatched,
  };
}

function whyNot(
  direction: "tighten" | "release",
  recent: readonly number[],
  tick: number,
  rules: KnobRules & { readonly patience: number },
): string {
  const normal = Math.min(rules.budgetPerHour, MOST_MOVES);
  const room = direction === "release" ? normal : normal + 1;
  if (recent.length >= room) return `it has moved ${recent.length} times within the hour`;
  const last = recent.at(-1);
  if (last === undefined) return "";
  const rest = rules.minIntervalSeconds * (direction === "release" ? rules.patience : 1);
  const isFree = isUrgent(rules.class) && direction === "tighten";
  if (tick - last >= rest || isFree) return "";
  return `it moved ${tick - last} s ago and rests for ${rest} s`;
}

function isUrgent(ofClass: PolicyClass): boolean {
  return ofClass === "safety" || ofClass === "security";
}

function rested({ patience, movedTicks }: Knob, tick: number): number {
  const last = movedTicks.at(-1);
  const quietHours = last === undefined ? 0 : Math.floor((tick - last) / HOUR);
  return Math.max(1, patience / 2 ** quietHours);
}

function stay(knob: Knob, why: string): KnobTurn {
  return { knob, hasMoved: false, why, isLatched: false };
}
