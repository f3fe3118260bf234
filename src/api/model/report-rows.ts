import {
  LATENCY_STAGES,
  MITIGATION_OUTCOMES,
  REVERT_STAGES,
  type Reading,
} from "../../audit/measures.ts";
import type { Measure, ReportRow } from "../view/report.ts";

/** What the readings of one measure come to. Pure; nothing read gives a row whose value is unknown, never 0. */
export function logRows(measure: Measure, readings: readonly Reading[]): ReportRow[] {
  switch (measure) {
    case "M4":
      return stageRows(LATENCY_STAGES, secondsBy(readings));
    case "M9":
      return stageRows(REVERT_STAGES, secondsBy(readings));
    case "M5":
      return mitigationRows(readings);
    case "M6":
      return knobRows(readings);
    case "M7":
      return labelRows(readings);
    case "M10":
      return countRows(readings.flatMap((each) => (each.measure === "M10" ? each.guardrail : [])));
    default:
      return [];
  }
}

const WINDOW = "since";

function secondsBy(readings: readonly Reading[]): ReadonlyMap<string, readonly number[]> {
  const by = new Map<string, number[]>();
  for (const reading of readings) {
    if (reading.measure !== "M4" && reading.measure !== "M9") continue;
    by.set(reading.stage, [...(by.get(reading.stage) ?? []), reading.seconds]);
  }
  return by;
}

/** Median and p99 of each stage, and of their sums: the stages of one change are written together. */
function stageRows(
  stages: readonly string[],
  by: ReadonlyMap<string, readonly number[]>,
): ReportRow[] {
  const counts = stages.map((stage) => by.get(stage)?.length ?? 0);
  const whole = Array.from({ length: Math.min(...counts) }, (_, at) =>
    stages.reduce((sum, stage) => sum + (by.get(stage)?.[at] ?? 0), 0),
  );
  return [
    ...stages.map((stage) => [stage, by.get(stage) ?? []] as const),
    ["whole", whole] as const,
  ]
    .flatMap(([name, seconds]) => [
      { name: `${name} p50`, value: quantile(seconds, 0.5), samples: seconds.length },
      { name: `${name} p99`, value: quantile(seconds, 0.99), samples: seconds.length },
    ])
    .map((row) => ({ ...row, unit: "s", window: WINDOW }));
}

function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

/** Of those that could show what they did; `recovered` is not their merit and not their fault. */
function mitigationRows(readings: readonly Reading[]): ReportRow[] {
  const outcomes = readings.flatMap((each) => (each.measure === "M5" ? each.outcome : []));
  const judged = outcomes.filter((each) => each !== "recovered").length;
  return MITIGATION_OUTCOMES.map((outcome) => {
    const count = outcomes.filter((each) => each === outcome).length;
    const of = outcome === "recovered" ? outcomes.length : judged;
    return {
      ...{ name: outcome, value: of === 0 ? null : count / of, unit: "ratio", samples: of },
      window: WINDOW,
    };
  });
}

const HOUR = 3600;

/** The most moves of each knob in any rolling hour. */
function knobRows(readings: readonly Reading[]): ReportRow[] {
  const by = new Map<string, number[]>();
  for (const reading of readings) {
    if (reading.measure === "M6")
      by.set(reading.knob, [...(by.get(reading.knob) ?? []), reading.tick]);
  }
  return [...by].map(([name, ticks]) => ({
    name,
    value: Math.max(
      ...ticks.map((end) => ticks.filter((at) => at <= end && end - at < HOUR).length),
    ),
    ...{ unit: "1", samples: ticks.length, window: "any hour" },
  }));
}

function labelRows(readings: readonly Reading[]): ReportRow[] {
  const labels = readings.flatMap((each) => (each.measure === "M7" ? each.actionable : []));
  const no = labels.filter((each) => each === "no").length;
  const value = labels.length === 0 ? null : no / labels.length;
  return [{ name: "labelled no", value, unit: "ratio", samples: labels.length, window: WINDOW }];
}

function countRows(names: readonly string[]): ReportRow[] {
  return [...new Set(names)].sort().map((name) => {
    const value = names.filter((each) => each === name).length;
    return { name, value, unit: "1", samples: value, window: WINDOW };
  });
}
