import { defineMetric, MetricKind, readMetric, recordMetric } from "./host.ts";
import { cutText, putText, textPtr, textSize } from "./text.ts";

/** The filter's own counts, defined with the first configuration. */
export class FilterLedger {
  readonly internalError: u32 = defineFilterMetric(
    MetricKind.Counter,
    "qmesh.filter.internal_error",
  );
  readonly untracked: u32 = defineFilterMetric(MetricKind.Counter, "qmesh.filter.untracked");
  readonly localMode: u32 = defineFilterMetric(MetricKind.Gauge, "qmesh.filter.local_mode");
  private readonly probe: u32 = defineFilterMetric(MetricKind.Gauge, "qmesh.filter.probe");

  /** Whether what is written to a gauge can be read back. Every VM writes the same 7, so they do not disturb each other. */
  isShared(): bool {
    recordMetric(this.probe, 7);
    return readMetric(this.probe) === 7;
  }
}

function defineFilterMetric(kind: MetricKind, name: usize): u32 {
  cutText(0);
  putText(name);
  return defineMetric(kind, textPtr(), textSize());
}
