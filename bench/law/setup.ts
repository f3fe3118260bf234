/** From `atMs` on the named knobs hold; the others stay. */
export interface Change {
  readonly atMs: number;
  /** Offered work as a multiple of the first capacity. */
  readonly load?: number;
  readonly slots?: number;
  readonly serviceMs?: number;
  /** Share of requests that are dear, [0, 1]. */
  readonly dear?: number;
}

/** What asks, what serves and what is counted in one run of the laboratory. */
export interface Setup {
  readonly seed: number;
  readonly workers: number;
  readonly slots: number;
  readonly serviceMs: number;
  /** Standard deviation of the service times over their mean: 0 fixed, 1 exponential, else lognormal. */
  readonly variation: number;
  /** A dear request takes this many times as long. */
  readonly dearTimes: number;
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** Share of each tier in the offered load, sums to 1. */
  readonly tiers: readonly number[];
  /** Each request's is drawn from this range, both included. */
  readonly deadlineMs: readonly [number, number];
  /** Whether the law is told the deadline. */
  readonly tellsDeadline: boolean;
  /** 0: none are told apart. The first asks `heavyTimes` as much as each of the others. */
  readonly tenants: number;
  readonly heavyTimes: number;
  /** Tries of a request, the first included. */
  readonly attempts: number;
  /** Whether a refusal is tried again; else a lost request only. */
  readonly retriesRefusals: boolean;
  /** Whether the law is told which try it is. */
  readonly tellsAttempt: boolean;
  readonly tickMs: readonly [number, number];
  readonly changes: readonly Change[];
  /** Only what is offered from here on is counted. */
  readonly fromMs: number;
  readonly endMs: number;
}
