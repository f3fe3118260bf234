import { compareText } from "../../policy/report.ts";
import type { Outcome } from "./scope-run.ts";

/** What a replay found, as plain values sorted by scope, tier and tenant. */
export interface ReplayReport {
  readonly requests: number;
  readonly rows: readonly ReplayRow[];
  /** Between two policies; absent with one. */
  readonly differing?: Differing;
}

export interface ReplayRow {
  /** Name of the Shedding; empty: none holds the requests. */
  readonly scope: string;
  /** Empty: exempt, or held by none. */
  readonly tier: string;
  /** Empty: the Shedding has no tenants or the request named none. */
  readonly tenant: string;
  readonly a: Counts;
  /** Under the other policy; absent with one. */
  readonly b?: Counts;
}

export interface Counts {
  readonly offered: number;
  readonly admitted: number;
  readonly shed: number;
  /** Of the admitted: would have been shed with `mode: enforce`. */
  readonly wouldShed: number;
}

export interface Differing {
  readonly requests: number;
  readonly shedOnlyUnderA: number;
  readonly shedOnlyUnderB: number;
}

const NONE: Counts = { offered: 0, admitted: 0, shed: 0, wouldShed: 0 };

/** `a` and `b`: outcomes of the same trace. */
export function reportReplay(a: readonly Outcome[], b?: readonly Outcome[]): ReplayReport {
  const counts = { a: countOutcomes(a), b: countOutcomes(b ?? []) };
  const keys = [...new Set([...counts.a.keys(), ...counts.b.keys()])];
  const rows = keys.map((key): ReplayRow => {
    const [scope = "", tier = "", tenant = ""] = JSON.parse(key) as string[];
    const row = { scope, tier, tenant, a: counts.a.get(key) ?? NONE };
    return b === undefined ? row : { ...row, b: counts.b.get(key) ?? NONE };
  });
  return {
    requests: a.length,
    rows: rows.sort(compareRows),
    ...(b !== undefined && { differing: compareOutcomes(a, b) }),
  };
}

function countOutcomes(outcomes: readonly Outcome[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const { scope, tier, tenant, isAdmitted, isMarked } of outcomes) {
    const key = JSON.stringify([scope, tier, tenant]);
    const { offered, admitted, shed, wouldShed } = counts.get(key) ?? NONE;
    counts.set(key, {
      offered: offered + 1,
      admitted: admitted + Number(isAdmitted),
      shed: shed + Number(!isAdmitted),
      wouldShed: wouldShed + Number(isMarked),
    });
  }
  return counts;
}

function compareOutcomes(a: readonly Outcome[], b: readonly Outcome[]): Differing {
  let shedOnlyUnderA = 0;
  let shedOnlyUnderB = 0;
  for (const [index, { isAdmitted }] of a.entries()) {
    const other = b[index]?.isAdmitted ?? isAdmitted;
    if (isAdmitted && !other) shedOnlyUnderB += 1;
    if (!isAdmitted && other) shedOnlyUnderA += 1;
  }
  return { requests: shedOnlyUnderA + shedOnlyUnderB, shedOnlyUnderA, shedOnlyUnderB };
}

function compareRows(a: ReplayRow, b: ReplayRow): number {
  return (
    compareText(a.scope, b.scope) || compareText(a.tier, b.tier) || compareText(a.tenant, b.tenant)
  );
}
