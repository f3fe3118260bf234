import { type Arm, type Counts, SLOW_MS } from "./evidence.ts";
import { type Grain, Rings } from "./rings.ts";

/** What was counted of an arm since the last time; whole numbers. */
export interface Observation {
  readonly requests: number;
  readonly errors: number;
  /** Requests slower than each of `SLOW_MS`; absent: times are not known. */
  readonly slow?: readonly number[];
  readonly timed?: number;
}

/** Windows whose counts are kept for the second. */
const MOST_WINDOWS = 32;

/** Places of a slot. */
const REQUESTS = 0;
const ERRORS = 1;
const SECONDS = 2;
const VOID = 3;
const WIDTH = 4;
/** Of a slot of times: requests timed, then those slower than each of `SLOW_MS`. */
const TIMES_WIDTH = 1 + SLOW_MS.length;

/** Of a closed second: where its times begin. */
const TIMED = 2;

/** Of one second, as it went into the rings: requests, errors, then timed and slower than each; empty: void. */
export type ClosedSecond = readonly number[];

/** One arm, second by second: the open one, and rings of those that are closed. Times take memory from the first one on. */
export class ArmCounts {
  readonly #counts: Rings;
  #times: Rings | undefined;
  #open: number[] | undefined;
  readonly #known = new Map<number, { readonly tick: number; readonly counts: Counts }>();

  constructor(
    readonly arm: Arm,
    private readonly grains: readonly Grain[],
    /** When it was last heard of. */
    public heardTick: number,
  ) {
    this.#counts = new Rings(WIDTH, grains);
  }

  observe(tick: number, { requests, errors, slow = [], timed = 0 }: Observation): void {
    this.heardTick = tick;
    this.#open ??= [0, 0];
    const open = this.#open;
    open[0] = (open[0] ?? 0) + requests;
    open[1] = (open[1] ?? 0) + errors;
    if (!(timed > 0)) return;
    open[2] = (open[2] ?? 0) + timed;
    for (let i = 0; i < slow.length; i++) open[3 + i] = (open[3 + i] ?? 0) + (slow[i] ?? 0);
  }

  /** Puts the open second into the rings; undefined: nothing was heard in it. */
  close(tick: number, isVoid: boolean): ClosedSecond | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    // An answer is counted when it comes, and a report may fall between its two counters.
    open[1] = Math.min(open[1] ?? 0, open[0] ?? 0);
    const closed = isVoid ? [] : open;
    this.restore(tick, closed);
    return closed;
  }

  /** The second `tick` as it was once closed. */
  restore(tick: number, closed: ClosedSecond): void {
    this.heardTick = Math.max(this.heardTick, tick);
    this.#known.clear();
    const [requests, errors = 0] = closed;
    this.#counts.add(tick, requests === undefined ? [0, 0, 0, 1] : [requests, errors, 1, 0]);
    if (closed.length <= TIMED) return;
    this.#times ??= new Rings(TIMES_WIDTH, this.grains);
    this.#times.add(tick, closed, TIMED);
  }

  /** Of the `seconds` before `tick`. Asked again in the same second it is the same object. */
  counts(tick: number, seconds: number): Counts {
    const known = this.#known.get(seconds);
    if (known?.tick === tick) return known.counts;
    if (this.#known.size >= MOST_WINDOWS) this.#known.clear();
    const counts = this.#sum(tick, seconds);
    this.#known.set(seconds, { tick, counts });
    return counts;
  }

  #sum(tick: number, seconds: number): Counts {
    const sums = new Array<number>(WIDTH).fill(0);
    this.#counts.sum(tick, seconds, sums);
    const times = new Array<number>(TIMES_WIDTH).fill(0);
    this.#times?.sum(tick, seconds, times);
    return {
      requests: sums[REQUESTS] ?? 0,
      errors: sums[ERRORS] ?? 0,
      slow: times.slice(1),
      timed: times[0] ?? 0,
      seconds: sums[SECONDS] ?? 0,
      voidSeconds: sums[VOID] ?? 0,
    };
  }
}

export const NO_COUNTS: Counts = {
  requests: 0,
  errors: 0,
  slow: SLOW_MS.map(() => 0),
  timed: 0,
  seconds: 0,
  voidSeconds: 0,
};

/** Several arms make one service: a second counts once, and is void if it is for one of them. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    slow: a.slow.map((count, i) => count + (b.slow[i] ?? 0)),
    timed: a.timed + b.timed,
    seconds: Math.max(a.seconds, b.seconds),
    voidSeconds: Math.max(a.voidSeconds, b.voidSeconds),
  };
}
