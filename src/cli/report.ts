import { fetchAnswer, type Server } from "../api/client.ts";
import { MEASURES, type ReportView, reportView } from "../api/view/report.ts";
import { didYouMean } from "../policy/nearest.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat, say } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh report M1..M10 [--since 7d]`: one measure, with its target and what it was measured on. */
export interface ReportOptions {
  readonly server: Server;
  readonly output: "table" | StructuredFormat;
  /** Seconds. */
  readonly since: number;
}

/** A long log is read page by page. */
const TIMEOUT_MS = 30_000;

/** Exit 3 if the target is missed. */
export async function showReport(
  name: string,
  { server, output, since }: ReportOptions,
): Promise<number> {
  const measure = MEASURES.find((each) => each === name.toUpperCase());
  if (measure === undefined)
    throw new Failure(
      `there is no measure ${name}${didYouMean(name, MEASURES)}: one of ${MEASURES.join(", ")}.`,
      EXIT.usage,
    );
  const path = `/v1/report/${measure}?since=${since}`;
  const report = unwrap(await fetchAnswer({ server, timeoutMs: TIMEOUT_MS }, path, reportView));
  if (output === "table") {
    process.stdout.write(renderReport(report));
    say(summary(report));
  } else printStructured(report, output);
  return report.state === "missed" ? EXIT.degraded : EXIT.fine;
}

/** Pure. */
export function renderReport({ rows }: ReportView): string {
  const cells = rows.map(({ name, value, unit, samples, window }) => [
    ...[name, value === null ? "unknown" : figure(value, unit), String(samples), window],
  ]);
  return textTable([["WHAT", "VALUE", "OF", "WINDOW"], ...cells]);
}

function summary({ measure, title, target, state, since, rows }: ReportView): string {
  const word = rows.length === 0 ? "unknown: nothing was measured" : state;
  return `${measure}, ${title}: ${target}; ${word}. The log is read since ${since.slice(0, 16)}Z.`;
}

function figure(value: number, unit: string): string {
  if (unit === "ratio") return `${Number((value * 100).toFixed(3))} %`;
  const number = String(Number(value.toPrecision(3)));
  return unit === "1" ? number : `${number} ${unit}`;
}
