/**
 * Differences of cumulative totals between two ticks. Short or thin windows are stretched: a window closes after
 * `WINDOW_COMPLETIONS` completions or `WINDOW_MAX_MS`, whichever comes first, so that a mean is a mean of something.
 * A total that runs back (a counter was reset) counts as no change; a clock that runs back closes nothing; a value
 * that is not a finite number is the last one again.
 */

/** The standard error of a mean of 12 exponential times is 29 %: enough for steps of at most 25 %. */
const WINDOW_COMPLETIONS: number = 12;
const WINDOW_MAX_MS: number = 400;
/** In less time the fast ones among the answers are over-represented. */
const WINDOW_MIN_MS: number = 50;

export class Window {
  elapsedMs: number = 0;
  admitted: number = 0;
  shed: number = 0;
  completed: number = 0;
  lost: number = 0;
  rttMs: number = 0;

  private isStarted: boolean = false;
  private atMs: number = 0;
  private admittedTotal: number = 0;
  private shedTotal: number = 0;
  private completedTotal: number = 0;
  private lostTotal: number = 0;
  private rttMsTotal: number = 0;

  /** True if a window closed: then the fields hold its differences. */
  close(
    nowMs: number,
    admittedTotal: number,
    shedTotal: number,
    completedTotal: number,
    lostTotal: number,
    rttMsTotal: number,
  ): boolean {
    const elapsed: number = finite(nowMs) - this.atMs;
    const ended: number =
      rise(completedTotal, this.completedTotal) + rise(lostTotal, this.lostTotal);
    const first: boolean = !this.isStarted;
    if (!first) {
      if (elapsed <= 0) return false;
      if (elapsed < WINDOW_MIN_MS) return false;
      if (ended < WINDOW_COMPLETIONS && elapsed < WINDOW_MAX_MS) return false;
    }
    this.isStarted = true;
    this.elapsedMs = elapsed;
    this.admitted = rise(admittedTotal, this.admittedTotal);
    this.shed = rise(shedTotal, this.shedTotal);
    this.completed = rise(completedTotal, this.completedTotal);
    this.lost = rise(lostTotal, this.lostTotal);
    this.rttMs = rise(rttMsTotal, this.rttMsTotal);
    this.atMs = finite(nowMs);
    this.admittedTotal = kept(admittedTotal, this.admittedTotal);
    this.shedTotal = kept(shedTotal, this.shedTotal);
    this.completedTotal = kept(completedTotal, this.completedTotal);
    this.lostTotal = kept(lostTotal, this.lostTotal);
    this.rttMsTotal = kept(rttMsTotal, this.rttMsTotal);
    return !first;
  }
}

function isFinite64(value: number): boolean {
  return value - value === 0;
}

function finite(value: number): number {
  return isFinite64(value) ? value : 0;
}

function rise(total: number, last: number): number {
  if (!isFinite64(total)) return 0;
  return total > last ? total - last : 0;
}

function kept(total: number, last: number): number {
  return isFinite64(total) ? total : last;
}
