import { tierMetric } from "./scope-metric.ts";
import { Tally } from "./tally.ts";

/** The index of a tier that is in no configuration now. */
export const NO_INDEX: u32 = u32.MAX_VALUE;

/** What one Envoy knows of one tier of a scope. */
export class TierLedger {
  next: TierLedger | null = null;
  /** Its place among the tiers that hold now. */
  index: u32 = NO_INDEX;
  /** Published at the tick. */
  readonly admitted: Tally;
  readonly shed: Tally;
  readonly wouldShed: Tally;
  private lastOffered: u64 = 0;

  constructor(
    scope: usize,
    scopeSize: u32,
    readonly name: usize,
    readonly nameSize: u32,
  ) {
    this.admitted = new Tally(tierMetric(scope, scopeSize, name, nameSize, ".admitted"));
    this.shed = new Tally(tierMetric(scope, scopeSize, name, nameSize, ".shed"));
    this.wouldShed = new Tally(tierMetric(scope, scopeSize, name, nameSize, ".would_shed"));
  }

  publish(): void {
    this.admitted.publish();
    this.wouldShed.publish();
  }

  /** Requests of the tier in the whole Envoy, admitted or shed, since this was asked last. */
  newlyOffered(): u64 {
    const offered = this.admitted.total() + this.shed.total();
    const risen = offered - this.lastOffered;
    this.lastOffered = offered;
    return risen;
  }
}
