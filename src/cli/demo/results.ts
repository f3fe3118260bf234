import type { TierShare } from "./arrivals.ts";
import type { LoadReport, TierCount } from "./load.ts";

/** What a run came to, as the closing table and its JSON print it. */
export interface PhaseResult {
  /** Offered load in multiples of capacity. */
  readonly load: number;
  readonly seconds: number;
  /** Served inside the deadline over what the service can serve. */
  readonly goodputRatio: number;
  readonly shedRatio: number;
  readonly tiers: readonly (TierCount & { readonly tier: string; readonly successRatio: number })[];
}

export interface RunResult {
  readonly variant: string;
  readonly phases: readonly PhaseResult[];
  readonly latenessP99Ms: number;
  readonly busyRatio: number;
  /** Why the run measured the load and not the mesh; absent if it is valid. */
  readonly void?: string;
}

/** A load that was later or busier than this measured itself. */
const MAX_LATENESS_MS = 20;
const MAX_BUSY = 0.8;

type Done = Extract<LoadReport, { kind: "done" }>;

export function toRunResult(
  run: { variant: string; phases: readonly { load: number; seconds: number }[] },
  done: Done,
  { tiers, capacity }: { tiers: readonly TierShare[]; capacity: number },
): RunResult {
  const phases = run.phases.map(({ load, seconds }, index): PhaseResult => {
    const counts = done.phases[index] ?? [];
    const sum = (pick: (count: TierCount) => number) =>
      counts.reduce((total, count) => total + pick(count), 0);
    const offered = sum((count) => count.offered);
    return {
      load,
      seconds,
      goodputRatio: ratio(
        sum((count) => count.served),
        capacity * seconds,
      ),
      shedRatio: ratio(
        sum((count) => count.shed),
        offered,
      ),
      tiers: counts.map((count, tier) => ({
        tier: tiers[tier]?.name ?? "",
        successRatio: ratio(count.served, count.offered),
        ...count,
      })),
    };
  });
  const { latenessP99Ms, busyRatio } = done;
  const reason = voidReason(done);
  return {
    variant: run.variant,
    phases,
    latenessP99Ms,
    busyRatio,
    ...(reason !== undefined && { void: reason }),
  };
}

/** Those that measured the mesh; all of them if none did, so that a table says something and how many are void says the rest. */
export function validRuns(runs: readonly RunResult[]): readonly RunResult[] {
  const valid = runs.filter((run) => run.void === undefined);
  return valid.length > 0 ? valid : runs;
}

function voidReason({ latenessP99Ms, busyRatio }: Done): string | undefined {
  const late = latenessReason(latenessP99Ms);
  if (late !== undefined) return late;
  if (busyRatio > MAX_BUSY)
    return `the load's core was ${Math.round(busyRatio * 100)} % busy, above ${MAX_BUSY * 100} %`;
  return undefined;
}

/** Why a load that was sent this late (p99, ms) measured itself; undefined: it was in time. */
export function latenessReason(p99Ms: number): string | undefined {
  return p99Ms > MAX_LATENESS_MS
    ? `requests were sent ${p99Ms} ms late (p99), above ${MAX_LATENESS_MS} ms`
    : undefined;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(4));
}
