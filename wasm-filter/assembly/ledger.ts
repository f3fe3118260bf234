import { Shed } from "../../src/core/shed.ts";
import { Census } from "./census.ts";
import { defineMetric, incrementMetric, MetricKind, readMetric, recordMetric } from "./host.ts";
import { equals } from "./memory.ts";
import { isCountingLocally, Tally } from "./tally.ts";
import { cutText, putBytes, putText, textPtr, textSize } from "./text.ts";

/**
 * What one Envoy knows of a scope, shared by its workers. Each worker has its own VM, so the counts live in Envoy's metrics,
 * which are process-wide atomics: +1 and -1 on a gauge are exact across workers and cost no lock. Every VM runs the law on
 * the same totals at its own tick, so there is no leader. Where the host keeps no metrics (a `stats_matcher` leaves them out:
 * every call succeeds and every reading is 0) a VM counts for itself and finds a limit for its own share of the requests.
 * Ledgers are kept by name for the life of the VM, so what was learned outlives a push of configuration; their number is
 * bounded by the names ever pushed, as that of Envoy's metrics is.
 */
let ledgers: ScopeLedger | null = null;

/** A gauge above this has been decremented below zero. */
const GAUGE_CEILING: u64 = 0x7fffffff;

export class TierLedger {
  next: TierLedger | null = null;
  readonly shed: Tally;
  readonly wouldShed: Tally;
  private readonly admitted: u32;
  private unpublished: u32 = 0;

  constructor(
    scope: ScopeLedger,
    readonly name: usize,
    readonly nameSize: u32,
  ) {
    this.admitted = tierMetric(scope, name, nameSize, ".admitted");
    this.shed = new Tally(tierMetric(scope, name, nameSize, ".shed"));
    this.wouldShed = new Tally(tierMetric(scope, name, nameSize, ".would_shed"));
  }

  countAdmitted(): void {
    this.unpublished++;
  }

  publish(): void {
    if (this.unpublished === 0) return;
    incrementMetric(this.admitted, this.unpublished);
    this.unpublished = 0;
  }
}

function tierMetric(scope: ScopeLedger, name: usize, nameSize: u32, what: string): u32 {
  cutText(0);
  putText("qmesh.");
  putBytes(scope.name, scope.nameSize);
  putText(".tier.");
  putBytes(name, nameSize);
  putText(what);
  return defineMetric(MetricKind.Counter, textPtr(), textSize());
}

export class ScopeLedger {
  next: ScopeLedger | null = null;
  /** The scope of a configuration whose bounds hold now. */
  rule: usize = 0;
  readonly shed: Shed = new Shed();
  readonly completed: Tally;
  readonly rttUs: Tally;
  readonly lost: Tally;
  /** Mean time to response headers over the last window that had any, microseconds; 0 before. */
  meanRttUs: u64 = 0;
  private readonly inflight: u32;
  private readonly census: Census;
  private readonly limit: u32;
  private tiers: TierLedger | null = null;
  private ownInflight: u64 = 0;
  private lastTickUs: u64 = 0;
  private lastCompleted: u64 = 0;
  private lastRttUs: u64 = 0;

  constructor(
    readonly name: usize,
    readonly nameSize: u32,
  ) {
    this.inflight = scopeMetric(MetricKind.Gauge, name, nameSize, ".inflight");
    this.limit = scopeMetric(MetricKind.Gauge, name, nameSize, ".limit");
    this.census = new Census(
      scopeMetric(MetricKind.Gauge, name, nameSize, ".census.0"),
      scopeMetric(MetricKind.Gauge, name, nameSize, ".census.1"),
      scopeMetric(MetricKind.Gauge, name, nameSize, ".census.2"),
      scopeMetric(MetricKind.Gauge, name, nameSize, ".leaked"),
    );
    this.completed = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, ".completed"));
    this.rttUs = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, ".rtt_us"));
    this.lost = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, ".lost"));
  }

  /** A VM that has learned nothing starts from the limit the others publish. */
  setBounds(least: u32, most: u32, initial: u32): void {
    const published = readMetric(this.limit);
    const start = published > 0 ? min<u64>(max<u64>(published, least), most) : initial;
    this.shed.setBounds(least, most, <f64>start);
  }

  /** Counts a request in; the answer is how many are in flight with it, in the whole Envoy. */
  enter(): u64 {
    this.ownInflight++;
    incrementMetric(this.inflight, 1);
    return this.inflightNow();
  }

  leave(): void {
    this.ownInflight--;
    incrementMetric(this.inflight, -1);
  }

  /** Never less than this VM's own; a gauge that has run below zero counts for nothing. */
  private inflightNow(): u64 {
    const shared = this.sharedInflight();
    const leaked = this.census.leaked;
    return max<u64>(shared > leaked ? shared - leaked : 0, this.ownInflight);
  }

  private sharedInflight(): u64 {
    const shared = isCountingLocally() ? 0 : readMetric(this.inflight);
    return shared > GAUGE_CEILING ? 0 : shared;
  }

  tier(name: usize, nameSize: u32): TierLedger {
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      if (equals(tier.name, tier.nameSize, name, nameSize)) return tier;
      tier = tier.next;
    }
    const added = new TierLedger(this, copyName(name, nameSize), nameSize);
    added.next = this.tiers;
    this.tiers = added;
    return added;
  }

  /**
   * Closes a window of the law, at most one each `leastUs`. Admitted requests are those answered, lost or in flight, so that
   * one needs no shared counter of its own on the request path. An answer whose body still streams stands in two of these, so
   * the total runs back a little when it ends, which the law counts as no change.
   */
  tick(nowUs: u64, leastUs: u64): void {
    if (nowUs < this.lastTickUs + leastUs) return;
    this.lastTickUs = nowUs;
    const inflight = this.inflightNow();
    const completed = this.completed.total();
    const lost = this.lost.total();
    const rttUs = this.rttUs.total();
    this.learnMean(completed, rttUs);
    this.shed.tick(
      <f64>nowUs / 1000,
      <f64>(completed + lost + inflight),
      <f64>this.shedTotal(),
      <f64>completed,
      <f64>lost,
      <f64>rttUs / 1000,
      <f64>inflight,
    );
  }

  private shedTotal(): u64 {
    let total: u64 = 0;
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      total += tier.shed.total();
      tier = tier.next;
    }
    return total;
  }

  private learnMean(completed: u64, rttUs: u64): void {
    if (completed === this.lastCompleted) return;
    this.meanRttUs = (rttUs - this.lastRttUs) / (completed - this.lastCompleted);
    this.lastCompleted = completed;
    this.lastRttUs = rttUs;
  }

  /** Only in a VM that serves. */
  publish(nowUs: u64): void {
    if (!isCountingLocally()) this.census.tick(nowUs, this.ownInflight, this.sharedInflight());
    recordMetric(this.limit, <u64>nearest(this.shed.limit));
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      tier.publish();
      tier = tier.next;
    }
  }
}

function scopeMetric(kind: MetricKind, name: usize, nameSize: u32, what: string): u32 {
  cutText(0);
  putText("qmesh.");
  putBytes(name, nameSize);
  putText(what);
  return defineMetric(kind, textPtr(), textSize());
}

/** The ledger of that name, made if this VM has not seen it. */
export function ledgerOf(name: usize, nameSize: u32): ScopeLedger {
  let ledger: ScopeLedger | null = ledgers;
  while (ledger !== null) {
    if (equals(ledger.name, ledger.nameSize, name, nameSize)) return ledger;
    ledger = ledger.next;
  }
  const added = new ScopeLedger(copyName(name, nameSize), nameSize);
  added.next = ledgers;
  ledgers = added;
  return added;
}

function copyName(name: usize, nameSize: u32): usize {
  const copy = heap.alloc(nameSize);
  memory.copy(copy, name, nameSize);
  return copy;
}
