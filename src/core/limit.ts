import { Elasticity } from "./elasticity.ts";
import { Peak } from "./peak.ts";
import { Window } from "./window.ts";

/**
 * The concurrency a backend sustains, found from throughput and time to response headers alone, without shedding
 * anything to probe. By Little's law the busy servers are
 *
 *     work  = throughput * baselineRtt * boost      (its peak over the last 32 windows, about 3 s)
 *     room  = 1.5 * sqrt(work) + 2
 *     tight = 1.05 * work + room / sqrt(offered / ended)
 *     loose = 2 * (1.15 * work + room)
 *     limit -> tight when saturated, loose when healthy; a window moves it by -25 % or +60 % + 4 at most
 *
 * `tight` holds every server busy with a short queue before them, the shorter the more is waiting to fill a gap. Where
 * the limit is too low, throughput is limit / rtt, work equals the limit and tight is above it: the limit grows by itself
 * until throughput stops growing. Where it is healthy it is loose, so chance does not shed, yet bounded by recent use, so
 * a burst never meets an idle-time limit of 1,000.
 *
 * `baselineRtt` is the mean of the first three windows. After that it follows a lower mean, and a higher one only in a
 * window without shed that completed what it admitted with room to spare: a legitimate slow-down is learnt, a queue is
 * not. Saturated: 3 windows in a row with more than 2 % shed, or a mean above 1.6 baselines and 0.7 of the limit in
 * flight, or one surge; over after 8 clean ones. If the mean stays above 1.3 times what the tight limit implies for 2
 * windows, the peak is forgotten; if throughput has fallen below 0.45 of it, which chance does not do in a window of 50 ms,
 * servers are fewer or slower: `boost` (`Elasticity`) keeps room for both until one is ruled out.
 *
 * Where most requests are lost (timeouts), those answered are the quick ones: their mean would say that all is well, so the
 * time is Little's, requests in flight over requests that end.
 *
 * Cold start: the initial limit, until the first window closes. Silence: everything stays. Known weakness: where a
 * service becomes several times slower while it is saturated, the limit oscillates below what it could serve; the
 * most important tier does not notice. Constants: laboratory of `test/scenarios/overload`, seeds 1001 to 1012.
 */
/** Less than when healthy: work is a peak, its mean is lower. */
const TIGHT_KAPPA: number = 1.05;
const KAPPA: number = 1.15;
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
/** Of the limit: with less in flight there is room, and no queue. */
const ROOM: number = 0.7;
const SURGE_SHARE: number = 0.5;
const SURGE_SLOWDOWN: number = 1.1;
const SURGE_ROOT: number = 4;
const WINDOWS_TO_SATURATE: number = 3;
const WINDOWS_TO_CLEAR: number = 8;
const CAPACITY_FELL: number = 1.3;
const LESS_WORK: number = 0.45;
const WINDOWS_TO_SETTLE: number = 8;
const WINDOWS_TO_FORGET: number = 2;
const THROUGHPUT_GAIN: number = 0.25;

export class ConcurrencyLimit {
  /** Requests, in [min, max]; not whole. */
  value: number = 16;
  /** Long-run time to response headers without queueing, ms; 0 before the first window. */
  baselineRttMs: number = 0;
  /** Mean time to response headers of the last window, ms. */
  rttMs: number = 0;

  /** Requests that ended, per ms, smoothed. */
  throughputPerMs: number = 0;

  /** Offered over ended, smoothed. */
  pressure: number = 1;

  /** The limit is multiplied by this now, 1 or 1.25, to see whether throughput follows. */
  swing: number = 1;

  /** Upper bound of the limit, requests. */
  maxLimit: number = 1000;

  private minLimit: number = 1;
  private window: Window = new Window();
  private peak: Peak = new Peak();
  private elasticity: Elasticity = new Elasticity();
  private hotWindows: number = 0;
  private cleanWindows: number = 0;
  /** Without overload, since the last one. */
  private calmWindows: number = 0;
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

  /** Healthy for long enough to know what is usual. */
  get isSettled(): boolean {
    return this.calmWindows >= WINDOWS_TO_SETTLE;
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
  ): boolean {
    const closed: boolean = this.window.close(
      nowMs,
      admittedTotal,
      shedTotal,
      completedTotal,
      lostTotal,
      rttMsTotal,
    );
    if (!closed) return false;
    const ended: number = this.window.completed + this.window.lost;
    const sampleMs: number = this.sampleMs();
    if (sampleMs > 0) this.learnBaseline(sampleMs, inflight);
    if (ended <= 0 || this.baselineRttMs <= 0) return false;
    const perMs: number = ended / this.window.elapsedMs;
    const rttMs: number = this.window.lost > this.window.completed ? inflight / perMs : sampleMs;
    this.rttMs = Math.max(rttMs, sampleMs);
    const offered: number = this.window.admitted + this.window.shed;
    const shedRatio: number = offered > 0 ? this.window.shed / offered : 0;
    const slowdown: number = this.rttMs / this.baselineRttMs;
    this.throughputPerMs = smooth(this.throughputPerMs, perMs);
    this.pressure = smooth(this.pressure, offered / ended);
    this.learnWork(perMs * this.baselineRttMs, slowdown);
    this.judge(shedRatio, slowdown, offered, inflight);
    if (this.isSaturated) {
      this.elasticity.observe(nowMs, this.window.elapsedMs, ended);
      this.calmWindows = 0;
    } else {
      this.elasticity.rest();
      this.calmWindows += 1;
    }
    this.move();
    this.swing = this.isSaturated ? this.elasticity.swing(nowMs) : 1;
    return true;
  }

  /** Mean of the answers of the window, ms; 0 if there was none. */
  private sampleMs(): number {
    const completed: number = this.window.completed;
    return completed > 0 ? this.window.rttMs / completed : 0;
  }

  get windowMs(): number {
    return this.window.elapsedMs;
  }

  /** Busy servers: the peak of the last windows. */
  get work(): number {
    return this.peak.value * this.elasticity.boost;
  }

  /** What a former life had learned; counts only before the first window closes. Both > 0, else nothing happens. */
  recall(limit: number, baselineRttMs: number): void {
    if (this.baselineRttMs > 0 || !(limit > 0) || !(baselineRttMs > 0)) return;
    this.seedWindows = SEED_WINDOWS;
    this.baselineRttMs = baselineRttMs;
    this.value = this.clamp(limit);
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
    if (this.window.shed > 0 || inflight >= ROOM * this.value) return false;
    return this.window.completed >= 0.9 * this.window.admitted;
  }

  private learnWork(work: number, slowdown: number): void {
    this.peak.push(work);
    const isSlow: boolean = slowdown > CAPACITY_FELL * this.tightSlowdown();
    const isLess: boolean = work < LESS_WORK * this.peak.value;
    this.slowWindows = isSlow ? this.slowWindows + 1 : 0;
    if (this.slowWindows < WINDOWS_TO_FORGET) return;
    if (isLess) this.elasticity.doubt();
    this.peak.reset(work);
  }

  /** Slowdown of a backend that is kept busy by exactly the tight limit. */
  private tightSlowdown(): number {
    const work: number = this.work;
    return work > 0 ? (KAPPA + queueRoom(work) / work) * this.elasticity.boost : 1;
  }

  private judge(shedRatio: number, slowdown: number, offered: number, inflight: number): void {
    if (this.isSurge(slowdown, offered)) {
      this.hotWindows = Math.max(this.hotWindows, WINDOWS_TO_SATURATE);
    }
    const isSlow: boolean = slowdown > SLOW_SATURATED && inflight >= ROOM * this.value;
    if (shedRatio > SHED_SATURATED || isSlow) {
      this.hotWindows += 1;
      this.cleanWindows = 0;
      return;
    }
    this.cleanWindows += 1;
    if (this.cleanWindows >= WINDOWS_TO_CLEAR) this.hotWindows = 0;
  }

  /** More came than chance explains, above what went out, and it takes longer: no need to wait for more windows. */
  private isSurge(slowdown: number, offered: number): boolean {
    const completed: number = this.window.completed;
    const most: number = (1 + SURGE_SHARE) * completed + SURGE_ROOT * Math.sqrt(completed);
    return slowdown > SURGE_SLOWDOWN && offered > most;
  }

  private move(): void {
    const work: number = this.work;
    const target: number = this.isSaturated
      ? TIGHT_KAPPA * work + queueRoom(work) / Math.sqrt(Math.max(this.pressure, 1))
      : LOOSE * (KAPPA * work + queueRoom(work));
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

/** Requests that wait, so that no server does: about three standard deviations of what comes and goes at once. */
function queueRoom(work: number): number {
  return QUEUE_ROOT * Math.sqrt(work) + QUEUE_FLOOR;
}

/** A value that is not a finite number changes nothing. */
function smooth(last: number, value: number): number {
  return value - value === 0 ? last + (value - last) * THROUGHPUT_GAIN : last;
}
