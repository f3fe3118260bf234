import { defineMetric, MetricKind } from "./host.ts";
import { cutText, putBytes, putText, textPtr, textSize } from "./text.ts";

/** Metrics named after a scope or one of its tiers; defining one again gives the same one. `part` and `what` bring their dots. */
export function scopeMetric(
  kind: MetricKind,
  name: usize,
  nameSize: u32,
  part: usize,
  what: usize,
): u32 {
  cutText(0);
  putText("qmesh.");
  putBytes(name, nameSize);
  putText(part);
  putText(what);
  return defineMetric(kind, textPtr(), textSize());
}

export function tierMetric(
  scope: usize,
  scopeSize: u32,
  tier: usize,
  tierSize: u32,
  what: usize,
): u32 {
  cutText(0);
  putText("qmesh.");
  putBytes(scope, scopeSize);
  putText(".tier.");
  putBytes(tier, tierSize);
  putText(what);
  return defineMetric(MetricKind.Counter, textPtr(), textSize());
}
