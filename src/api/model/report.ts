import { MeasureReader, type Reading } from "../../audit/measures.ts";
import type { AuditReader } from "../../audit/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { Measure, ReportRow, ReportView } from "../view/report.ts";
import { costRows } from "./cost.ts";
import { logRows } from "./report-rows.ts";
import { serviceViews } from "./services.ts";

/** `qmesh report M1..M10`: evidence for what services do, the log for what automation did. */
export interface ReportParts {
  readonly reader: AuditReader;
  readonly policySet: () => PolicySet | undefined;
  readonly evidence: () => Evidence;
}

interface Definition {
  readonly title: string;
  readonly target: string;
  /** Of one row; undefined: it says nothing of the target. */
  readonly isMet?: (row: ReportRow) => boolean | undefined;
}

const DEFINITIONS: Readonly<Record<Measure, Definition>> = {
  M1: {
    title: "success rate",
    target: "at least 99.9 % for critical services",
    isMet: ({ value }) => (value ?? 0) >= 0.999,
  },
  M2: { title: "P95 latency", target: "below 300 ms", isMet: ({ value }) => (value ?? 1) < 0.3 },
  M3: { title: "burn rate", target: "below 4", isMet: ({ value }) => (value ?? 4) < 4 },
  M4: {
    title: "decision latency",
    target: "below 30 s in all",
    isMet: ({ name, value }) => (name === "whole p99" ? (value ?? 30) < 30 : undefined),
  },
  M5: {
    title: "mitigation success",
    target: "above 90 %",
    isMet: ({ name, value }) => (name === "success" ? (value ?? 0) > 0.9 : undefined),
  },
  M6: {
    title: "moves of a knob",
    target: "below 6 an hour",
    isMet: ({ value }) => (value ?? 6) < 6,
  },
  M7: {
    title: "false positive alerts",
    target: "below 5 %",
    isMet: ({ value }) => (value ?? 1) < 0.05,
  },
  M8: { title: "cost per request", target: "none of its own: a Policy or Guardrail sets it" },
  M9: {
    title: "time to revert",
    target: "below 10 minutes",
    isMet: ({ name, value }) => (name.startsWith("whole") ? (value ?? 600) < 600 : undefined),
  },
  M10: {
    title: "guardrail violations",
    target: "none gets through; each attempt is counted",
  },
};

export async function reportOf(
  measure: Measure,
  sinceMs: number,
  parts: ReportParts,
): Promise<ReportView> {
  const { title, target, isMet } = DEFINITIONS[measure];
  const rows = await rowsOf(measure, sinceMs, parts);
  const verdicts = rows.flatMap((row) => (row.value === null ? [] : (isMet?.(row) ?? [])));
  const state = verdicts.length === 0 ? "unknown" : verdicts.every(Boolean) ? "met" : "missed";
  return { measure, title, target, state, since: new Date(sinceMs).toISOString(), rows };
}

async function rowsOf(
  measure: Measure,
  sinceMs: number,
  { reader, policySet, evidence }: ReportParts,
): Promise<readonly ReportRow[]> {
  const set = policySet();
  switch (measure) {
    case "M1":
    case "M2":
    case "M3":
      return set === undefined ? [] : serviceRows(measure, set, evidence());
    case "M8":
      return set === undefined ? [] : costRows(set, evidence());
    default: {
      const readings = await readingsSince(reader, sinceMs);
      return logRows(
        measure,
        readings.filter((each) => each.measure === measure),
      );
    }
  }
}

function serviceRows(measure: "M1" | "M2" | "M3", set: PolicySet, evidence: Evidence): ReportRow[] {
  const views = serviceViews(set, evidence);
  if (measure === "M3") {
    return views.flatMap(({ objectives }) =>
      objectives.flatMap(({ name, burns }) =>
        burns.map(({ windowSeconds, burn }) => ({
          ...{ name, value: burn ?? null, unit: "1", samples: 0 },
          window: `${windowSeconds / 60} min`,
        })),
      ),
    );
  }
  const window = "1 min";
  return views.map(({ name, errorRatio, p95Ms }) => {
    const { requests } = evidence.countsOf({ service: name }, 60);
    const ratio = errorRatio === undefined ? null : 1 - errorRatio;
    const seconds = p95Ms === undefined ? null : p95Ms / 1000;
    return measure === "M1"
      ? { name, value: ratio, unit: "ratio", samples: requests, window }
      : { name, value: seconds, unit: "s", samples: requests, window };
  });
}

const PAGE = 1000;

/** Bounds the time of a question about a long past. */
const MOST_RECORDS = 50_000;

async function readingsSince(reader: AuditReader, sinceMs: number): Promise<readonly Reading[]> {
  const from = new Date(sinceMs).toISOString();
  const records: AuditRecord[] = [];
  let before: number | undefined;
  do {
    const page = await reader.list({
      limit: PAGE,
      from,
      ...(before !== undefined && { before }),
    });
    records.push(...page.records);
    before = page.next;
  } while (before !== undefined && records.length < MOST_RECORDS);
  const measures = new MeasureReader();
  return records.reverse().flatMap((record) => measures.read(record));
}
