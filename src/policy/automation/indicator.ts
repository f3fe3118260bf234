/**
 * Indicator of an OpenSLO `SLO`: good requests by total requests. The source `mesh` is what Envoy counts: `code < 500`, or
 * `duration < 300ms` for one of the times the histograms know; `prometheus` is two queries.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { parseDuration } from "../duration.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Indicator } from "../intent/slo.ts";
import { show } from "../show.ts";

/** Edges of the histograms, in milliseconds; those of `src/evidence/evidence.ts`. */
export const LATENCY_EDGES_MS: readonly number[] = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000,
  10_000,
];

const ERRORS = "code < 500";
const LATENCY = /^duration < (\S+)$/;
const EVERY = "true";

const goodCount = text((value) => {
  const ms = thresholdOf(value);
  if (value === ERRORS || (ms !== undefined && LATENCY_EDGES_MS.includes(ms))) return undefined;
  return ms === undefined
    ? `QM0012 ${show(value)} is not one of ${show(ERRORS)} and "duration < 300ms"`
    : `QM0012 ${show(value)} is between the times that are counted: ${LATENCY_EDGES_MS.join(", ")} ms`;
});

/** Milliseconds of `duration < TIME`. */
function thresholdOf(count: string): number | undefined {
  const [, written] = LATENCY.exec(count) ?? [];
  return written === undefined ? undefined : parseDuration(written);
}

/** `tier`: of the requests of one tier alone. */
const meshSpec = (count: z.ZodType<string>) =>
  fields({ count, tier: z.string().min(1).max(63).exactOptional() });
const querySpec = fields({ query: z.string().min(1).max(4096) });

/** OpenSLO leaves the form of a source's own `spec` to the source. */
function metric(count: z.ZodType<string>) {
  return fields({
    metricSource: fields({
      type: oneOf(["mesh", "prometheus", "Prometheus"], {
        Datadog: "Datadog sources are",
        CloudWatch: "CloudWatch sources are",
      }),
      /** Name of an Adapter; absent: the only one of type prometheus. */
      metricSourceRef: z.string().min(1).max(63).exactOptional(),
      spec: z.union([meshSpec(count), querySpec]),
    }),
  });
}

const everyCount = text((value) =>
  value === EVERY
    ? undefined
    : `QM0012 ${show(value)} is not "true": the total counts every request`,
);

const ratioMetric = fields(
  {
    counter: z.literal(true),
    good: metric(goodCount),
    total: metric(everyCount),
  },
  {
    bad: "ratios of bad requests are",
    raw: "ratios that are given as such are",
    rawType: "ratios that are given as such are",
  },
);

export const indicatorSpec = fields({
  metadata: z.unknown().optional(),
  spec: fields(
    { description: z.string().exactOptional(), ratioMetric },
    { thresholdMetric: "indicators by threshold are" },
  ),
});

type IndicatorSpec = z.output<typeof indicatorSpec>;
type Metric = IndicatorSpec["spec"]["ratioMetric"]["good"];

/** Good and total come from one source, each in its form. */
export function checkIndicator(draft: Draft<unknown>, indicator: IndicatorSpec): void {
  const ratio = indicator.spec.ratioMetric;
  const types = [ratio.good, ratio.total].map(({ metricSource }) =>
    metricSource.type.toLowerCase(),
  );
  const path = ["indicator", "spec", "ratioMetric"];
  if (types[0] !== types[1]) {
    draft.wrong(
      "QM0115",
      [...path, "total", "metricSource", "type"],
      "good and total have different sources",
    );
  }
  for (const part of ["good", "total"] as const) {
    const { type, spec, metricSourceRef } = ratio[part].metricSource;
    const at = [...path, part, "metricSource"];
    const wanted = type === "mesh" ? "count" : "query";
    if (!(wanted in spec))
      draft.lacks("QM0007", [...at, "spec", wanted], `missing; a source of type ${type} has it`);
    if (type === "mesh" && metricSourceRef !== undefined) {
      draft.wrong("QM0115", [...at, "metricSourceRef"], "the mesh is no Adapter");
    }
  }
  if (tierIn(ratio.good) !== tierIn(ratio.total)) {
    const message = "good and total are of different tiers";
    draft.wrong("QM0115", [...path, "total", "metricSource", "spec", "tier"], message);
  }
  if (ratio.good.metricSource.metricSourceRef !== ratio.total.metricSource.metricSourceRef) {
    draft.wrong(
      "QM0115",
      [...path, "total", "metricSource"],
      "good and total name different Adapters",
    );
  }
}

export function tierIn({ metricSource: { spec } }: Metric): string | undefined {
  return "count" in spec ? spec.tier : undefined;
}

/** `onlyAdapter`: the Adapter of type prometheus, where there is just one. */
export function toIndicator({ spec }: IndicatorSpec, onlyAdapter: string): Indicator {
  const { good, total } = spec.ratioMetric;
  const wanted = good.metricSource.spec;
  const all = total.metricSource.spec;
  if ("query" in wanted && "query" in all) {
    const adapter = good.metricSource.metricSourceRef ?? onlyAdapter;
    return { kind: "prometheus", adapter, good: wanted.query, total: all.query };
  }
  const thresholdMs = "count" in wanted ? thresholdOf(wanted.count) : undefined;
  return thresholdMs === undefined ? { kind: "errors" } : { kind: "latency", thresholdMs };
}
