import { Census } from "./census.ts";
import { incrementMetric, MetricKind, readMetric } from "./host.ts";
import { scopeMetric } from "./scope-metric.ts";
import { isCountingLocally } from "./tally.ts";

/**
 * How many requests of a kind are in flight in the whole Envoy: +1 and -1 on a gauge are exact across workers and cost no
 * lock. What a VM that died left in it is found by a census and left out. Where the host keeps no metrics each VM goes by
 * its own count.
 */
/** A gauge above this has been decremented below zero. */
const GAUGE_CEILING: u64 = 0x7fffffff;

export class SharedCount {
  private own: u64 = 0;
  private readonly gauge: u32;
  private readonly census: Census;

  /** `censusPrefix` stands before the names of the census's own gauges. */
  constructor(name: usize, nameSize: u32, what: usize, censusPrefix: usize) {
    const gauge = scopeMetric(MetricKind.Gauge, name, nameSize, "", what);
    this.gauge = gauge;
    this.census = new Census(
      scopeMetric(MetricKind.Gauge, name, nameSize, censusPrefix, ".census.0"),
      scopeMetric(MetricKind.Gauge, name, nameSize, censusPrefix, ".census.1"),
      scopeMetric(MetricKind.Gauge, name, nameSize, censusPrefix, ".census.2"),
      scopeMetric(MetricKind.Gauge, name, nameSize, censusPrefix, ".leaked"),
      scopeMetric(MetricKind.Gauge, name, nameSize, censusPrefix, ".census.reborn"),
      readMetric(gauge) > 0,
    );
  }

  enter(): void {
    if (this.own++ === 0) this.census.tellReborn();
    incrementMetric(this.gauge, 1);
  }

  leave(): void {
    this.own--;
    incrementMetric(this.gauge, -1);
  }

  /** Never less than this VM's own; a gauge that has run below zero counts for nothing. */
  now(): u64 {
    const shared = this.shared();
    const leaked = this.census.leaked;
    return max<u64>(shared > leaked ? shared - leaked : 0, this.own);
  }

  private shared(): u64 {
    const shared = isCountingLocally() ? 0 : readMetric(this.gauge);
    return shared > GAUGE_CEILING ? 0 : shared;
  }

  /** Only in a VM that serves. */
  tick(nowUs: u64): void {
    if (!isCountingLocally()) this.census.tick(nowUs, this.own, this.shared());
  }
}
