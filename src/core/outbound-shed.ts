import { FairShare } from "./fair-share.ts";
import { Request } from "./request.ts";
import { Threshold } from "./threshold.ts";
import { Verdict } from "./verdict.ts";

/**
 * Sheds at the caller what the service would refuse, by the same tiers and cohorts. The service says with every answer how
 * loaded it is: above 1 under overload, then what it is offered over what it serves.
 *
 *     allowance = 1.1 * sent / load
 *     threshold = the position up to which the allowance covers what is offered here, whole tiers first
 *
 * So all callers together go on sending a tenth more than is served: the service still sees that it is overloaded,
 * and the callers see by the load when it no longer is. A fiftieth of what is offered is always sent, or nothing would
 * be heard any more. Tiers above the one in which the service itself sheds are never cut: who only sends important
 * requests does not pay for who does not.
 *
 * Cold start and silence of a second: everything is sent, the service has a filter of its own. Totals are cumulative and of
 * the whole Envoy; one that runs back counts as no change. DAGOR's piggybacked level, Zhou et al., SoCC 2018, is the
 * model; its level is the service's, ours follows from the load, so that it does not swing with what callers hold back.
 */
const SLACK: number = 1.1;
const LEAST_SHARE: number = 0.02;
const GAIN: number = 0.25;
const WINDOW_MS: number = 90;
const SILENCE_MS: number = 1000;
/** A report is somebody else's word. */
const MOST_LOAD: number = 100;

export class OutboundShed {
  private levels: Threshold = new Threshold();
  private tenants: FairShare = new FairShare();
  private marginalTier: number = 0;
  private sentPerMs: number = 0;
  private offeredPerMs: number = 0;
  private load: number = 0;
  private isStarted: boolean = false;
  private closedMs: number = 0;
  private heardMs: number = 0;
  private sentTotal: number = 0;
  private shedTotal: number = 0;
  private reportsTotal: number = 0;
  private loadTotal: number = 0;

  /** Number of tiers, clamped to 1..8; 0 is the most important. */
  setTiers(count: number): void {
    this.levels.setTiers(count);
  }

  /** Position up to which requests are sent, [0, tiers]. */
  get threshold(): number {
    return this.levels.value;
  }

  /** Cumulative requests offered of a tier; before each tick. */
  offered(tier: number, total: number): void {
    this.levels.offered(tier, total);
  }

  /** The tier in which the service sheds, where it says so; in the report of a service that is not overloaded it means nothing. */
  sheds(tier: number, load: number): void {
    if (load > 1) this.marginalTier = tier;
  }

  /** Allocates nothing. */
  admit(request: Request): Verdict {
    const tier: number = this.levels.tierIndex(request.tier);
    if (tier < this.marginalTier) return Verdict.Admit;
    const isShared: boolean = request.tenant !== 0 && tier === this.levels.marginalTier;
    if (!isShared) {
      const position: number = this.levels.position(tier, request.cohort);
      return position > this.levels.value ? Verdict.ShedLevel : Verdict.Admit;
    }
    const share: number = this.tenants.count(request.tenant, request.weight);
    if (share >= 1 || request.cohort <= share) return Verdict.Admit;
    return share < this.levels.marginalShare ? Verdict.ShedTenant : Verdict.ShedLevel;
  }

  /** `loadTotal`: the sum over the `reportsTotal` reports that came. */
  tick(
    nowMs: number,
    sentTotal: number,
    shedTotal: number,
    reportsTotal: number,
    loadTotal: number,
  ): void {
    if (nowMs - nowMs !== 0) return;
    // A clock that runs back begins a new window.
    if (nowMs < this.closedMs) this.closedMs = nowMs;
    const elapsedMs: number = nowMs - this.closedMs;
    if (elapsedMs < WINDOW_MS) return;
    const sent: number = rise(sentTotal, this.sentTotal);
    const shed: number = rise(shedTotal, this.shedTotal);
    const reports: number = rise(reportsTotal, this.reportsTotal);
    const load: number = rise(loadTotal, this.loadTotal);
    this.closedMs = nowMs;
    this.sentTotal = sentTotal;
    this.shedTotal = shedTotal;
    this.reportsTotal = reportsTotal;
    this.loadTotal = loadTotal;
    const isFirst: boolean = !this.isStarted;
    this.isStarted = true;
    if (isFirst) return;
    this.sentPerMs += (sent / elapsedMs - this.sentPerMs) * GAIN;
    this.offeredPerMs += ((sent + shed) / elapsedMs - this.offeredPerMs) * GAIN;
    if (reports > 0) {
      this.load = Math.min(load / reports, MOST_LOAD);
      this.heardMs = nowMs;
    } else if (nowMs - this.heardMs >= SILENCE_MS) this.load = 0;
    this.levels.close(elapsedMs, this.allowancePerMs, this.load > 0);
    this.tenants.tick(this.levels.marginalShare);
  }

  private get allowancePerMs(): number {
    return Math.max((SLACK * this.sentPerMs) / this.load, LEAST_SHARE * this.offeredPerMs);
  }
}

/** What is not a number changes nothing. */
function rise(total: number, last: number): number {
  return total > last && total - total === 0 ? total - last : 0;
}
