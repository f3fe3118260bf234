import { OutboundShed } from "../../src/core/outbound-shed.ts";
import { found, getResponseHeader, MetricKind, Status } from "./host.ts";
import { HEADER } from "./load-report.ts";
import { readReport, report } from "./report-text.ts";
import { scopeMetric } from "./scope-metric.ts";
import { Tally } from "./tally.ts";

/**
 * What an Envoy hears from a service it calls, shared by its workers as all counts are: reports, and the sum of the loads in
 * them. A report is smoothed where it is made, so a few of each tick say as much as all, and cost less.
 */
const READS_A_TICK: u32 = 16;

export class OutboundLedger {
  readonly shed: OutboundShed = new OutboundShed();
  private readonly reports: Tally;
  private readonly loads: Tally;
  private left: u32 = READS_A_TICK;

  constructor(name: usize, nameSize: u32) {
    this.reports = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, "", ".reports"));
    this.loads = new Tally(scopeMetric(MetricKind.Counter, name, nameSize, "", ".load_permille"));
  }

  /** On the headers of an answer of the service. */
  hear(): void {
    if (this.left === 0) return;
    this.left--;
    if (getResponseHeader(HEADER) !== Status.Ok || !readReport(found.ptr, found.size)) return;
    this.reports.add(1);
    this.loads.add(<u64>nearest(report.load * 1000));
    this.shed.sheds(report.tier, report.load);
  }

  tick(nowUs: u64, sent: u64, refused: u64): void {
    this.left = READS_A_TICK;
    this.shed.tick(
      <f64>nowUs / 1000,
      <f64>sent,
      <f64>refused,
      <f64>this.reports.total(),
      <f64>this.loads.total() / 1000,
    );
  }
}
