import { Peak } from "./peak.ts";
import { Window } from "./window.ts";

/**
 * The concurrency a backend sustains, found from throughput and time to response headers alone, without shedding
 * anything to probe. By Little's law the busy servers are
 *
 *     work  = throughput * baselineRtt              (its peak over the last 32 windows, about 3 s)
 *     tight = 1.2 * work + 1.5 * sqrt(work) + 2
 *     limit -> tight when saturated, 2 * tight when healthy; a window moves it by -25 % or +60 % + 4 at most
 *
 * `tight` holds every server busy with a queue of about sqrt(work) before them. Where the limit is too low, throughput
 * is limit / rtt, work equals the limit and tight is above it: the limit grows by itself until throughput stops
 * growing. Where it is healthy it is loose, so chance does not shed, yet bounded by recent use, so a burst never meets
 * an idle-time limit of 1,000.
 *
 * `baselineRtt` is the mean of the first three windows. After that it follows a lower mean, and a higher one only in a
 * window without shed that completed what it admitted with room to spare: a legitimate slow-down is learnt, a queue is
 * not. Saturated: 3 windows in a row with more than 2 % shed or a mean above 1.6 baselines; over after 4 clean ones.
 * If the mean stays above 1.3 times what the tight limit implies for 2 windows, capacity fell: the peak is forgotten.
 *
 * Cold start: the initial limit, until the first window closes. Silence: everything stays. Known weakness: a service
 * that becomes several times slower while it is saturated keeps its old baseline, so its limit stays too low until the
 * load falls. Constants were set in the laboratory of `test/scenarios/overload` on seeds 1001 to 1004.
 */
const KAPPA: number = 1.2;
const QUEUE_ROOT: number = 1.5;
const QUEUE_FLOOR: number = 2;
const LOOSE: number = 2;
const FALL: number = 0.75;
const GROW: number = 1.6;
const GROW_STEP: number = 4;
const SEED_WINDOWS: number = 3;
const BASELINE_GAIN: number = 0.25;
const BASELINE_SAMPLES: number = 40;
const SHED_SATURATED: number = 0.02;
const SLOW_SATURATED: number = 1.6;
const WINDOWS_TO_SATURATE: number = 3;
const WINDOWS_TO_CLEAR: number = 4;
const CAPACITY_FELL: number = 1.3;
const WINDOWS_TO_FORGET: number = 2;

export class ConcurrencyLimit {
  /** Requests, in [min, max]; not whole. */
  value: number = 16;
  /** Long-run time to response headers without queueing, ms; 0 before the first window. */
  baselineRttMs: number = 0;

  /** Upper bound of the limit, requests. */
  maxLimit: number = 1000;

  private minLimit: number = 1;
  private window: Window = new Window();
  private work: Peak = new Peak();
  private hotWindows: number = 0;
  private cleanWindows: number = 0;
  private slowWindows: number = 0;
  private seedWindows: number = 0;
  private seedSamples: number = 0;

  /** 1 <= min <= initial <= max. What was learnt is kept, clamped; `initial` counts before the first window only. */
  setBounds(min: number, max: number, initial: number): void {
    this.minLimit = min;
    this.maxLimit = max;
    if (this.baselineRttMs === 0) this.value = initial;
    this.value = this.clamp(this.value);
  }

  get isSaturated(): boolean {
    return this.hotWindows >= WINDOWS_TO_SATURATE;
  }

  /** Totals are cumulative; see `Shed.tick`. */
  observe(
    nowMs: number,
    admittedTotal: number,
    shedTotal: number,
    completedTotal: number,
    lostTotal: number,
    rttMsTotal: number,
    inflight: number,
  ): void {
    const closed: boolean = this.window.close(
      nowMs,
      admittedTotal,
      shedTotal,
      completedTotal,
      lostTotal,
      rttMsTotal,
    );
    if (!closed || this.window.completed <= 0 || this.window.rttMs <= 0) return;
    const rttMs: number = this.window.rttMs / this.window.completed;
    const offered: number = this.window.admitted + this.window.shed;
    const shedRatio: number = offered > 0 ? this.window.shed / offered : 0;
    this.learnBaseline(rttMs, inflight);
    const work: number =
      ((this.window.completed + this.window.lost) / this.window.elapsedMs) * this.baselineRttMs;
    const slowdown: number = rttMs / this.baselineRttMs;
    this.learnWork(work, slowdown);
    this.judge(shedRatio, slowdown);
    this.move();
  }

  /**
   * The first windows count as one: quick answers come first, so the mean of one alone is too low. Then a lower mean
   * is always believed, a higher one only while nothing else can explain it.
   */
  private learnBaseline(rttMs: number, inflight: number): void {
    const samples: number = this.window.completed;
    if (this.seedWindows < SEED_WINDOWS) {
      this.seedWindows += 1;
      this.seedSamples += samples;
      this.baselineRttMs += ((rttMs - this.baselineRttMs) * samples) / this.seedSamples;
      return;
    }
    if (rttMs > this.baselineRttMs && !this.isFlowing(inflight)) return;
    const gain: number = (BASELINE_GAIN * samples) / (samples + BASELINE_SAMPLES);
    this.baselineRttMs += (rttMs - this.baselineRttMs) * gain;
  }

  /** What came in went out, nothing was refused and there is room: no queue explains a longer time. */
  private isFlowing(inflight: number): boolean {
    if (this.window.shed > 0 || inflight >= 0.7 * this.value) return false;
    return this.window.completed >= 0.9 * this.window.admitted;
  }

  private learnWork(work: number, slowdown: number): void {
    this.work.push(work);
    this.slowWindows = slowdown > CAPACITY_FELL * this.tightSlowdown() ? this.slowWindows + 1 : 0;
    if (this.slowWindows >= WINDOWS_TO_FORGET) this.work.reset(work);
  }

  /** Slowdown of a backend that is kept busy by exactly the tight limit. */
  private tightSlowdown(): number {
    const peak: number = this.work.value;
    return peak > 0 ? tightLimit(peak) / peak : 1;
  }

  private judge(shedRatio: number, slowdown: number): void {
    if (shedRatio > SHED_SATURATED || slowdown > SLOW_SATURATED) {
      this.hotWindows += 1;
      this.cleanWindows = 0;
      return;
    }
    this.cleanWindows += 1;
    if (this.cleanWindows >= WINDOWS_TO_CLEAR) this.hotWindows = 0;
  }

  private move(): void {
    const tight: number = tightLimit(this.work.value);
    const target: number = this.isSaturated ? tight : LOOSE * tight;
    const least: number = this.value * FALL;
    const most: number = this.value * GROW + GROW_STEP;
    this.value = this.clamp(Math.min(Math.max(target, least), most));
  }

  private clamp(limit: number): number {
    // The negation also catches what is not a number.
    if (!(limit >= this.minLimit)) return this.minLimit;
    return Math.min(limit, this.maxLimit);
  }
}

function tightLimit(work: number): number {
  return KAPPA * work + QUEUE_ROOT * Math.sqrt(work) + QUEUE_FLOOR;
}
