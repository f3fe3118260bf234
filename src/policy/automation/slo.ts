/**
 * OpenSLO `SLO`, the part that is carried out: one objective, a rolling window, good requests by total requests. The source `mesh` is what
 * Envoy counts: `code < 500`, or `duration < 300ms` for one of the times the histograms know; `prometheus` is two queries.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { parseDuration } from "../duration.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Indicator, Slo } from "../intent/slo.ts";
import { show } from "../show.ts";
import { printSpan, span } from "../span.ts";

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

const indicatorSpec = fields({
  metadata: z.unknown().optional(),
  spec: fields(
    { description: z.string().exactOptional(), ratioMetric },
    { thresholdMetric: "indicators by threshold are" },
  ),
});

const objectiveSpec = fields(
  {
    displayName: z.string().exactOptional(),
    target: z.number().gt(0).lt(1).exactOptional(),
    targetPercent: z.number().gt(0).lt(100).exactOptional(),
    timeSliceTarget: z.number().gt(0).max(1).exactOptional(),
    timeSliceWindow: span({ most: 3600 }).exactOptional(),
  },
  {
    op: "thresholds of objectives are",
    value: "thresholds of objectives are",
    indicator: "indicators of single objectives are",
    indicatorRef: "indicators of single objectives are",
    compositeWeight: "composite objectives are",
  },
);

export const sloSpec = fields(
  {
    description: z.string().exactOptional(),
    service: z.string().min(1).max(63).exactOptional(),
    budgetingMethod: oneOf(["Occurrences", "Timeslices"], {
      RatioTimeslices: "the budgeting method RatioTimeslices is",
    }).exactOptional(),
    timeWindow: z
      .array(
        fields(
          { duration: span(), isRolling: z.literal(true) },
          { calendar: "calendar windows are" },
        ),
      )
      .max(1)
      .default([]),
    objectives: z.array(objectiveSpec).max(1).default([]),
    indicator: indicatorSpec.exactOptional(),
    alertPolicies: z
      .array(z.union([z.string().min(1), fields({ alertPolicyRef: z.string().min(1) }, INLINE())]))
      .max(16)
      .default([]),
  },
  { indicatorRef: "indicators in documents of their own are" },
);

function INLINE() {
  const subject = "alert policies inside an SLO are";
  return { kind: subject, metadata: subject, spec: subject };
}

export type SloSpec = z.output<typeof sloSpec>;

export function checkSlo(draft: Draft<SloSpec>): void {
  const { service, budgetingMethod, timeWindow, objectives, indicator } = draft.spec;
  if (service === undefined) draft.lacks("QM0007", ["service"], "missing; the Service it is about");
  if (budgetingMethod === undefined) {
    draft.lacks("QM0007", ["budgetingMethod"], "missing; Occurrences or Timeslices");
  }
  if (timeWindow.length === 0)
    draft.lacks("QM0007", ["timeWindow"], "missing; such as [{duration: 30d, isRolling: true}]");
  if (objectives.length === 0)
    draft.lacks("QM0007", ["objectives"], "missing; such as [{target: 0.999}]");
  if (indicator === undefined)
    draft.lacks("QM0007", ["indicator"], "missing; what makes a request good");
  for (const [index, objective] of objectives.entries()) checkObjective(draft, objective, index);
  checkSources(draft);
}

function checkObjective(
  draft: Draft<SloSpec>,
  { target, targetPercent, timeSliceTarget, timeSliceWindow }: SloSpec["objectives"][number],
  index: number,
): void {
  const path = ["objectives", index];
  if ((target === undefined) === (targetPercent === undefined)) {
    draft.lacks("QM0115", path, "is not one of target and targetPercent");
  }
  const slices = [timeSliceTarget, timeSliceWindow].filter((part) => part !== undefined).length;
  if (draft.spec.budgetingMethod === "Timeslices" && slices < 2) {
    draft.lacks(
      "QM0007",
      [...path, "timeSliceWindow"],
      "missing; Timeslices need timeSliceTarget and timeSliceWindow",
    );
  }
  if (timeSliceWindow !== undefined && timeSliceWindow > 60 && timeSliceWindow % 60 !== 0) {
    const message = `${printSpan(timeSliceWindow)} is above 1m and no whole number of minutes`;
    draft.wrong("QM0014", [...path, "timeSliceWindow"], message);
  }
  if (draft.spec.budgetingMethod === "Occurrences" && slices > 0) {
    draft.wrong("QM0115", path, "slices of time belong to the budgeting method Timeslices");
  }
}

/** Good and total come from one source, each in its form. */
function checkSources(draft: Draft<SloSpec>): void {
  const ratio = draft.spec.indicator?.spec.ratioMetric;
  if (ratio === undefined) return;
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

type Metric = NonNullable<SloSpec["indicator"]>["spec"]["ratioMetric"]["good"];

function tierIn({ metricSource: { spec } }: Metric): string | undefined {
  return "count" in spec ? spec.tier : undefined;
}

/** Whose requests it is about alone; undefined: it is about all of its Service. */
export function tierOf({ indicator }: SloSpec): string | undefined {
  return indicator && tierIn(indicator.spec.ratioMetric.good);
}

/** Names of the AlertPolicies it is told by. */
export function alertPoliciesOf({ alertPolicies }: SloSpec): string[] {
  return alertPolicies.map((each) => (typeof each === "string" ? each : each.alertPolicyRef));
}

/** Share that must be good. */
export function targetOf({ objectives: [objective] }: SloSpec): number | undefined {
  const { target, targetPercent } = objective ?? {};
  if (targetPercent === undefined) return target;
  // 99.9 / 100 is not 0.999 to the last bit.
  return target ?? Number((targetPercent / 100).toPrecision(15));
}

/** `onlyAdapter`: the Adapter of type prometheus, where there is just one. */
export function toSlo(draft: Draft<SloSpec>, owner: string | undefined, onlyAdapter: string): Slo {
  const { service, timeWindow, objectives, indicator, budgetingMethod } = draft.spec;
  const [window] = timeWindow;
  const target = targetOf(draft.spec);
  if (service === undefined || window === undefined || target === undefined || !indicator) {
    throw new Error(`invariant: SLO ${draft.name} was not checked`);
  }
  const { timeSliceTarget, timeSliceWindow } = objectives[0] ?? {};
  const tier = tierOf(draft.spec);
  const isSliced = budgetingMethod === "Timeslices" && timeSliceTarget !== undefined;
  return {
    name: draft.name,
    ...(owner !== undefined && { owner }),
    service,
    ...(tier !== undefined && { tier }),
    target,
    windowSeconds: window.duration,
    ...(isSliced && { timeslice: { seconds: timeSliceWindow ?? 60, target: timeSliceTarget } }),
    indicator: toIndicator(indicator, onlyAdapter),
  };
}

function toIndicator({ spec }: NonNullable<SloSpec["indicator"]>, onlyAdapter: string): Indicator {
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
