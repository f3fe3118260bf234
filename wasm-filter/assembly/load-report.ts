import { Shed } from "../../src/core/shed.ts";
import { replaceResponseHeader } from "./host.ts";
import { Span } from "./memory.ts";
import {
  constant,
  cutText,
  putNumber,
  putText,
  putThousandths,
  textPtr,
  textSize,
} from "./text.ts";

/**
 * What a scope tells those who call it, so that they send less before they are refused: `endpoint-load-metrics` on every
 * answer, the ORCA report in the text form Envoy reads (source/common/orca),
 *
 *     TEXT application_utilization=0.531,rps_fractional=812.250,named_metrics.qmesh_tier=2
 *
 * requests in flight by the limit, under overload what is offered over what is served; answers a second; the tier in which
 * it sheds under overload. Of the whole Envoy, smoothed over about 4 ticks. Written out once a tick; a request costs one host
 * call.
 */
export const HEADER: Span = constant("endpoint-load-metrics");
const REPORT_BYTES: u32 = 128;
const SMOOTHING: f64 = 0.25;

export class LoadReport {
  /** Whether the scope in force wants it. */
  isAsked: bool = false;
  private readonly text: usize = heap.alloc(REPORT_BYTES);
  private size: u32 = 0;
  private utilization: f64 = 0;
  private rps: f64 = 0;

  /** `answered`: in the window of `elapsedUs`. Both are above 0 where they divide. */
  observe(shed: Shed, inflight: f64, answered: f64, elapsedUs: f64): void {
    this.utilization += SMOOTHING * (inflight / max<f64>(shed.limit, 1) - this.utilization);
    this.rps += SMOOTHING * ((answered * 1000000) / max<f64>(elapsedUs, 1) - this.rps);
    cutText(0);
    putText("TEXT application_utilization=");
    putThousandths(shed.isSaturated ? shed.overload : this.utilization);
    putText(",rps_fractional=");
    putThousandths(this.rps);
    putText(",named_metrics.qmesh_tier=");
    putNumber(<u64>shed.marginalTier);
    this.size = min<u32>(textSize(), REPORT_BYTES);
    memory.copy(this.text, textPtr(), this.size);
  }

  /** Nothing before the first tick. */
  write(): void {
    if (this.isAsked && this.size > 0) replaceResponseHeader(HEADER, this.text, this.size);
  }
}
