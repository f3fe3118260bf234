import { Shed } from "../../src/core/shed.ts";
import { MetricKind, readMetric, recordMetric } from "./host.ts";
import { LoadReport } from "./load-report.ts";
import { equals } from "./memory.ts";
import { OutboundLedger } from "./outbound-ledger.ts";
import { scopeMetric } from "./scope-metric.ts";
import { SharedCount } from "./shared-count.ts";
import { ShedReasons } from "./shed-reasons.ts";
import { Tally } from "./tally.ts";
import { NO_INDEX, TierLedger } from "./tier-ledger.ts";

/**
 * What one Envoy knows of a scope, shared by its workers. Each worker has its own VM, so the counts live in Envoy's metrics,
 * which are process-wide atomics. Every VM runs the law on the same totals at its own tick, so there is no leader. Where the
 * host keeps no metrics a VM counts for itself and finds a limit for its own share of the requests.
 * Ledgers are kept by name for the life of the VM, so what was learned outlives a push of configuration; their number is
 * bounded by the names ever pushed, as that of Envoy's metrics is.
 */
let ledgers: ScopeLedger | null = null;

/** As many as a scope may have. */
const MAX_TIERS: i32 = 8;

export class ScopeLedger {
  next: ScopeLedger | null = null;
  /** The scope of a configuration whose bounds hold now. */
  rule: usize = 0;
  readonly shed: Shed = new Shed();
  readonly inflight: SharedCount;
  readonly exempt: SharedCount;
  readonly reasons: ShedReasons;
  readonly completed: Tally;
  readonly rttUs: Tally;
  readonly lost: Tally;
  readonly load: LoadReport = new LoadReport();
  /** Set while the scope in force is an outbound one. */
  outbound: OutboundLedger | null = null;
  /** Mean time to response headers over the last window that had any, microseconds; 0 before. */
  meanRttUs: u64 = 0;
  private readonly limit: u32;
  private readonly baselineUs: u32;
  private readonly threshold: u32;
  private readonly offered: Float64Array = new Float64Array(MAX_TIERS);
  private offeredSum: u64 = 0;
  private tiers: TierLedger | null = null;
  private keptOutbound: OutboundLedger | null = null;
  private tierCount: u32 = 1;
  private lastTickUs: u64 = 0;
  private lastCompleted: u64 = 0;
  private lastRttUs: u64 = 0;

  constructor(
    readonly name: usize,
    readonly nameSize: u32,
  ) {
    this.inflight = new SharedCount(name, nameSize, ".inflight", "");
    this.exempt = new SharedCount(name, nameSize, ".exempt", ".exempt");
    this.reasons = new ShedReasons(name, nameSize);
    this.limit = scopeMetric(MetricKind.Gauge, name, nameSize, "", ".limit");
    this.baselineUs = scopeMetric(MetricKind.Gauge, name, nameSize, "", ".baseline_us");
    this.threshold = scopeMetric(MetricKind.Gauge, name, nameSize, "", ".threshold_permille");
    this.completed = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, "", ".completed"));
    this.rttUs = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, "", ".rtt_us"));
    this.lost = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, "", ".lost"));
  }

  /** From now on the law knows these tiers; each that holds gets its index anew. */
  setTiers(count: u32): void {
    this.shed.setTiers(count);
    this.tierCount = count;
    const outbound = this.outbound;
    if (outbound !== null) outbound.shed.setTiers(count);
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      tier.index = NO_INDEX;
      tier = tier.next;
    }
  }

  /** Once, with the configuration: what it holds is made here. What it has heard outlives a push, as all that is learned. */
  makeOutbound(): void {
    if (this.keptOutbound === null) {
      this.keptOutbound = new OutboundLedger(this.name, this.nameSize);
    }
  }

  /** Before the tiers are told. */
  setOutbound(isOutbound: bool): void {
    this.outbound = isOutbound ? this.keptOutbound : null;
  }

  /**
   * For a VM that has learned nothing. What this Envoy's other VMs publish is fresher than what the control plane remembers;
   * the law heeds neither once it has learned.
   */
  recall(limit: f64, baselineMs: f64): void {
    const published = readMetric(this.limit);
    if (published > 0) this.shed.recall(<f64>published, <f64>readMetric(this.baselineUs) / 1000);
    else if (limit > 0) this.shed.recall(limit, baselineMs);
  }

  tier(name: usize, nameSize: u32): TierLedger {
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      if (equals(tier.name, tier.nameSize, name, nameSize)) return tier;
      tier = tier.next;
    }
    const copy = copyName(name, nameSize);
    const added = new TierLedger(this.name, this.nameSize, copy, nameSize);
    added.next = this.tiers;
    this.tiers = added;
    return added;
  }

  /**
   * Closes a window of the law, at most one each `leastUs`. Admitted requests are those answered, lost or in flight, so that
   * one needs no shared counter of its own on the request path. An answer whose body still streams, and a lost request whose
   * place stays taken, stand in two of these, so the total runs back a little later, which the law counts as no change.
   */
  tick(nowUs: u64, leastUs: u64): void {
    if (nowUs < this.lastTickUs + leastUs) return;
    const elapsedUs = nowUs - this.lastTickUs;
    this.lastTickUs = nowUs;
    const refused = this.countTiers();
    const completed = this.completed.total();
    const answered = completed - this.lastCompleted;
    const rttUs = this.rttUs.total();
    this.learnMean(completed, rttUs);
    const outbound = this.outbound;
    if (outbound !== null) {
      outbound.tick(nowUs, this.offeredSum - refused, refused);
      return;
    }
    const inflight = this.inflight.now();
    const lost = this.lost.total();
    this.shed.tick(
      <f64>nowUs / 1000,
      <f64>(completed + lost + inflight),
      <f64>refused,
      <f64>completed,
      <f64>lost,
      <f64>rttUs / 1000,
      <f64>inflight,
    );
    this.load.observe(this.shed, <f64>inflight, <f64>answered, <f64>elapsedUs);
  }

  /** Tells the law what each tier was offered; the answer is all that was shed. */
  private countTiers(): u64 {
    let shed: u64 = 0;
    let tier: TierLedger | null = this.tiers;
    while (tier !== null) {
      tier.publish();
      this.tellOffered(tier.index, tier.newlyOffered());
      shed += tier.shed.total();
      tier = tier.next;
    }
    return shed;
  }

  private tellOffered(index: u32, risen: u64): void {
    this.offeredSum += risen;
    if (index >= <u32>MAX_TIERS) return;
    this.offered[index] += <f64>risen;
    const outbound = this.outbound;
    if (outbound === null) this.shed.offered(<f64>index, this.offered[index]);
    else outbound.shed.offered(<f64>index, this.offered[index]);
  }

  private learnMean(completed: u64, rttUs: u64): void {
    if (completed === this.lastCompleted) return;
    this.meanRttUs = (rttUs - this.lastRttUs) / (completed - this.lastCompleted);
    this.lastCompleted = completed;
    this.lastRttUs = rttUs;
  }

  /** Only in a VM that serves. */
  publish(nowUs: u64): void {
    this.inflight.tick(nowUs);
    this.exempt.tick(nowUs);
    this.reasons.publish();
    const outbound = this.outbound;
    const threshold = outbound === null ? this.shed.threshold : outbound.shed.threshold;
    recordMetric(this.threshold, <u64>nearest((threshold * 1000) / <f64>this.tierCount));
    if (outbound !== null) return;
    recordMetric(this.limit, <u64>nearest(this.shed.limit));
    recordMetric(this.baselineUs, <u64>nearest(this.shed.baselineRttMs * 1000));
  }
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
