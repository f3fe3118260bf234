import type { Shifted } from "../../policy/intent/locality-shift.ts";

/**
 * Where traffic of a locality may go. A locality is never to have more than 85 % of what it can carry: what it has of its own,
 * beside what was moved to it before, leaves it room up to 82 %, as rates scatter, and what is moved is shared out by room.
 * Pure.
 */
export const MOST_LOAD = 0.85;
const PLANNED_LOAD = 0.82;

/** Less than this share is no shift. */
export const LEAST_RATIO = 0.01;

export interface LocalityLoad {
  readonly name: string;
  /** Requests a second now. */
  readonly rps: number;
  /** Absent: nobody knows. */
  readonly capacityRps?: number;
  /** More than is allowed of its requests are bad, shown beyond doubt. */
  readonly isBad: boolean;
}

export interface ShiftPlan {
  /** The most that may be moved, [0, 1]. */
  readonly fitRatio: number;
  readonly to: Readonly<Record<string, number>>;
  readonly isSourceBad: boolean;
  /** A taker that is above its bound, or bad itself. */
  readonly over?: string;
  /** What each locality has and may have, for a person. */
  readonly text: string;
}

export function planShift(
  source: LocalityLoad,
  others: readonly LocalityLoad[],
  now?: Shifted,
): ShiftPlan {
  const { ratio = 0, to = {} } = now ?? {};
  const demand = source.rps / (1 - ratio);
  const rooms = others.map((each) => {
    const own = Math.max(0, each.rps - demand * ratio * (to[each.name] ?? 0));
    const { capacityRps = 0, isBad } = each;
    return isBad ? 0 : Math.max(0, PLANNED_LOAD * capacityRps - own);
  });
  const room = rooms.reduce((sum, each) => sum + each, 0);
  const over = others.find(
    (each) =>
      (to[each.name] ?? 0) > 0 && (each.isBad || each.rps > MOST_LOAD * (each.capacityRps ?? 0)),
  );
  return {
    fitRatio: demand === 0 ? 0 : Math.min(1, room / demand),
    to: sharesOf(others, rooms, room),
    isSourceBad: source.isBad,
    ...(over !== undefined && { over: over.name }),
    text: others.length === 0 ? "there is no other locality" : others.map(textOf).join(", "),
  };
}

/** Rounded down, so that together they are never more than all. */
function sharesOf(
  others: readonly LocalityLoad[],
  rooms: readonly number[],
  room: number,
): Record<string, number> {
  const shares = others.map(({ name }, at): [string, number] => [
    name,
    room === 0 ? 0 : Math.floor((1000 * (rooms[at] ?? 0)) / room) / 1000,
  ]);
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

function textOf({ name, rps, capacityRps, isBad }: LocalityLoad): string {
  if (isBad) return `${name} is not well itself`;
  if (capacityRps === undefined) return `what ${name} can carry is not known`;
  return `${name} has ${figure(rps)} of ${figure(MOST_LOAD * capacityRps)} a second`;
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
