import type { Counts, ReplayReport, ReplayRow } from "../decide/replay/report.ts";
import { figureTable, oneLine } from "./text-table.ts";

/** Tenants shown of one tier, those with the most requests; the rest is one row. */
const MOST_TENANTS = 20;

/** The report for people. One policy: its own columns; two: those of A, then those of B. */
export function replayTable({ requests, rows, differing }: ReplayReport): string {
  const isPair = differing !== undefined;
  const lines = figureTable([
    ["scope tier tenant", ...columns(isPair ? " A" : ""), ...(isPair ? columns(" B") : [])],
    ...foldTenants(rows).map((row) => [
      label(row),
      ...figures(row.a),
      ...(row.b === undefined ? [] : figures(row.b)),
    ]),
  ]);
  const closing = isPair
    ? `${differing.requests} of ${requests} requests differ: ${differing.shedOnlyUnderA} shed only under A, ${differing.shedOnlyUnderB} only under B`
    : `${requests} requests`;
  return `${[...lines, closing].join("\n")}\n`;
}

function columns(side: string): string[] {
  return ["offered", "admitted", "shed", "would shed"].map((name) => `${name}${side}`);
}

function figures({ offered, admitted, shed, wouldShed }: Counts): string[] {
  return [offered, admitted, shed, wouldShed].map(String);
}

function label({ scope, tier, tenant }: ReplayRow): string {
  if (scope === "") return "(no Shedding)";
  return oneLine(`${scope} ${tier || "(exempt)"} ${tenant}`.trimEnd());
}

function foldTenants(rows: readonly ReplayRow[]): ReplayRow[] {
  const tiers = new Map<string, ReplayRow[]>();
  for (const row of rows) {
    const key = `${row.scope} ${row.tier}`;
    tiers.set(key, [...(tiers.get(key) ?? []), row]);
  }
  return [...tiers.values()].flatMap(foldTier);
}

function foldTier(rows: readonly ReplayRow[]): readonly ReplayRow[] {
  if (rows.length <= MOST_TENANTS) return rows;
  const largest = new Set(rows.toSorted((x, y) => weight(y) - weight(x)).slice(0, MOST_TENANTS));
  const rest = rows.filter((row) => !largest.has(row));
  const folded = rest.reduce(addRows);
  return [
    ...rows.filter((row) => largest.has(row)),
    { ...folded, tenant: `(${rest.length} others)` },
  ];
}

function weight({ a, b }: ReplayRow): number {
  return a.offered + (b?.offered ?? 0);
}

function addRows(x: ReplayRow, y: ReplayRow): ReplayRow {
  const sum = { ...x, a: addCounts(x.a, y.a) };
  return x.b === undefined || y.b === undefined ? sum : { ...sum, b: addCounts(x.b, y.b) };
}

function addCounts(x: Counts, y: Counts): Counts {
  return {
    offered: x.offered + y.offered,
    admitted: x.admitted + y.admitted,
    shed: x.shed + y.shed,
    wouldShed: x.wouldShed + y.wouldShed,
  };
}
