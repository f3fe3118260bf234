import { FairShare } from "./fair-share.ts";
import { ConcurrencyLimit } from "./limit.ts";
import { Request } from "./request.ts";
import { Threshold } from "./threshold.ts";
import { Verdict } from "./verdict.ts";

/**
 * The shedding law of one scope. A request has a position, its tier plus its cohort: 0 is the most important. It is
 * admitted while the requests in flight are below the gate of its position,
 *
 *     gate(position) = limit + slope * (threshold - position)      slope = limit / 10 + 3 * sqrt(limit), half when settled
 *
 * `limit`: `ConcurrencyLimit`; `threshold`: the position up to which the backend can serve what is offered now, all
 * tiers when it is healthy. So under overload the concurrency stays at the limit whichever tier is the marginal one:
 * what is more important finds room above it, what is less important only where servers would idle. If the threshold
 * is wrong by a little, the concurrency moves by a little and the gates still divide rightly. The most important tier
 * has twice the limit, which it fills only if it alone exceeds capacity. Where gate(0) would pass the operator's
 * maximum all gates shrink to meet it.
 *
 * Inside the marginal tier the cohort decides, the same on every hop; where tenants are told apart, each has its own
 * threshold there by `FairShare`. A retry stands half a tier lower, and under overload retries get a tenth of what is
 * admitted. A request whose caller will be gone is refused before it costs anything.
 * Nothing waits in a queue here. Never sheds for concurrency when nothing is in flight. Allocates only when constructed.
 */
const STEP_SHARE: number = 0.1;
const STEP_ROOT: number = 3;
/** Healthy, the limit is loose: what a burst fills before the threshold moves, the first tier then waits for. */
const SETTLED_SLOPE: number = 0.5;
const TOP: number = 2;
const RETRY_STEP: number = 0.5;
const RETRY_SHARE: number = 0.1;
const MOST_RETRY_CREDIT: number = 10;

export class Shed {
  /** Times what the requests in flight take that a caller must still wait: a mean is exceeded about half of the time. */
  deadlineMargin: number = 2;
  private limiter: ConcurrencyLimit = new ConcurrencyLimit();
  private levels: Threshold = new Threshold();
  private tenants: FairShare = new FairShare();
  private level: number = 0;
  private slope: number = 0;
  private topGate: number = 0;
  private floor: number = 0;
  private scale: number = 1;
  private retryCredit: number = MOST_RETRY_CREDIT;

  constructor() {
    this.openGates();
  }

  /**
   * Bounds of the limit, requests: 1 <= min <= initial <= max. A learned limit is kept, clamped into them; `initial`
   * counts only before the first window of samples.
   */
  setBounds(min: number, max: number, initial: number): void {
    this.limiter.setBounds(min, max, initial);
    this.openGates();
  }

  /** Number of tiers, clamped to 1..8; 0 is the most important. */
  setTiers(count: number): void {
    this.levels.setTiers(count);
    this.openGates();
  }

  /** Limit and baseline of a former life; they count only before the first window. 0: nothing to recall. */
  recall(limit: number, baselineRttMs: number): void {
    this.limiter.recall(limit, baselineRttMs);
    this.openGates();
  }

  /** Concurrency found, requests, in [min, max]. */
  get limit(): number {
    return this.limiter.value;
  }

  /** Time to response headers without queueing, ms; 0 before the first window. */
  get baselineRttMs(): number {
    return this.limiter.baselineRttMs;
  }

  get isSaturated(): boolean {
    return this.limiter.isSaturated;
  }

  /** The tier in which the threshold lies. */
  get marginalTier(): number {
    return this.levels.marginalTier;
  }

  /** Under overload what is offered over what is served, at least 1; else 0. */
  get overload(): number {
    return this.isSaturated ? Math.max(this.limiter.pressure, 1) : 0;
  }

  /** Position up to which requests are admitted by level, [0, tiers]; `tiers` when healthy. */
  get threshold(): number {
    return this.levels.value;
  }

  /** Requests in flight from which on this tier is shed, its lowest cohort last; a tier that is not there is the last. */
  gate(tier: number): number {
    return this.gateAt(this.levels.tierIndex(tier), this.levels.value);
  }

  /** Cumulative requests offered of a tier in the whole Envoy; before each tick. */
  offered(tier: number, total: number): void {
    this.levels.offered(tier, total);
  }

  /** `inflight`: requests in flight without this one. Allocates nothing. */
  admit(request: Request, inflight: number): Verdict {
    const tier: number = this.levels.tierIndex(request.tier);
    if (this.isDoomed(request.deadlineMs, inflight)) return Verdict.ShedDeadline;
    const share: number = this.shareOf(request, tier);
    const isRetry: boolean = request.attempt > 1;
    if (isRetry && this.isSaturated && this.retryCredit < 1) return Verdict.ShedRetry;
    // A tenant that has not had its share yet is not cut by its cohort.
    const cohort: number = share >= 1 ? 0 : unit(request.cohort);
    const position: number = this.levels.position(tier, cohort) + (isRetry ? RETRY_STEP : 0);
    const threshold: number = share >= 0 ? tier + share : this.levels.value;
    // Written so that a count that is not a number admits: on doubt the filter admits.
    if (inflight >= this.gateAt(position, threshold) && inflight >= 1) {
      if (share >= 0 && share < this.levels.marginalShare) return Verdict.ShedTenant;
      return position > threshold ? Verdict.ShedLevel : Verdict.ShedLimit;
    }
    this.retryCredit = isRetry
      ? Math.max(this.retryCredit - 1, 0)
      : Math.min(this.retryCredit + RETRY_SHARE, MOST_RETRY_CREDIT);
    return Verdict.Admit;
  }

  /**
   * Closes a window. Totals are cumulative counts of the whole Envoy; one that runs back counts as no change.
   * `rttMsTotal`: sum over completed requests of time to response headers, ms.
   * `lostTotal`: requests that ended without response headers (timeout, reset, client gone).
   */
  tick(
    nowMs: number,
    admittedTotal: number,
    shedTotal: number,
    completedTotal: number,
    lostTotal: number,
    rttMsTotal: number,
    inflight: number,
  ): void {
    const closed: boolean = this.limiter.observe(
      nowMs,
      admittedTotal,
      shedTotal,
      completedTotal,
      lostTotal,
      rttMsTotal,
      inflight,
    );
    if (closed) {
      this.levels.close(
        this.limiter.windowMs,
        this.limiter.throughputPerMs,
        this.limiter.isSaturated,
      );
      this.tenants.tick(this.levels.marginalShare);
    }
    this.openGates();
  }

  /**
   * Half a baseline is too little for anyone. Under overload what is in flight comes first, at the rate requests end; with
   * nothing in flight nobody is refused, or a service that became quick again would never be found out.
   */
  private isDoomed(deadlineMs: number, inflight: number): boolean {
    if (!(deadlineMs > 0)) return false;
    if (deadlineMs < this.limiter.baselineRttMs / 2) return true;
    if (!this.isSaturated || !(inflight >= 1)) return false;
    return deadlineMs * this.limiter.throughputPerMs < inflight * this.deadlineMargin;
  }

  /** The tenant's share of the marginal tier, [0, 1]; -1 where nothing is divided among tenants. */
  private shareOf(request: Request, tier: number): number {
    if (request.tenant === 0 || tier !== this.levels.marginalTier) return -1;
    return this.tenants.count(request.tenant, request.weight);
  }

  private gateAt(position: number, threshold: number): number {
    const gate: number = this.level + this.slope * (threshold - position);
    const isTop: boolean = position < 1 && this.levels.tiers > 1;
    return Math.max(gate, isTop ? this.topGate : this.floor) * this.scale;
  }

  private openGates(): void {
    const limit: number = this.limiter.value * this.limiter.swing;
    const step: number = STEP_SHARE * limit + STEP_ROOT * Math.sqrt(limit);
    this.level = Math.min(limit, this.limiter.maxLimit);
    this.slope = step * (this.levels.tiers > 3 ? 3 / this.levels.tiers : 1);
    if (this.limiter.isSettled) this.slope *= SETTLED_SLOPE;
    this.floor = Math.min(this.limiter.work, limit);
    this.topGate = TOP * limit + this.slope * (this.levels.tiers - 1);
    this.scale = 1;
    this.scale = Math.min(1, this.limiter.maxLimit / this.gateAt(0, this.levels.value));
  }
}

function unit(cohort: number): number {
  return cohort >= 0 && cohort < 1 ? cohort : 0;
}
