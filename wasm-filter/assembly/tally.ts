import { incrementMetric, readMetric } from "./host.ts";

/**
 * Counts shared by every worker through Envoy's metrics, which are process-wide atomics. Where the host keeps no metrics (a
 * `stats_matcher` leaves them out: every call succeeds and every reading is 0) each VM goes by its own counts.
 */
let isLocal: bool = false;

export function countLocally(): void {
  isLocal = true;
}

export function isCountingLocally(): bool {
  return isLocal;
}

/** A cumulative count of the whole Envoy, since this VM first saw it. */
export class Tally {
  private own: u64 = 0;
  private deferred: u64 = 0;
  private last: u64 = 0;
  private sum: u64 = 0;

  constructor(readonly id: u32) {
    this.last = readMetric(id);
  }

  add(by: u64): void {
    this.own += by;
    incrementMetric(this.id, by);
  }

  /** One more, told to the others at the next `publish`: costs no host call. */
  defer(): void {
    this.deferred++;
  }

  publish(): void {
    if (this.deferred === 0) return;
    this.add(this.deferred);
    this.deferred = 0;
  }

  /** Adds nothing when the counter has run back, as after an operator's reset. */
  total(): u64 {
    const now: u64 = isLocal ? this.own : readMetric(this.id);
    if (now > this.last) this.sum += now - this.last;
    this.last = now;
    return this.sum;
  }
}
