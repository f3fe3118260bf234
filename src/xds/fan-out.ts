import { EXTENSION_CONFIG_TYPE, RUNTIME_TYPE } from "../proto/type-url.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Brings a new snapshot to the streams that follow it, a slice at a time, so that a large fleet does not keep the event
 * loop from everything else. A stream that waits already is not queued twice: when its turn comes it gets the newest
 * snapshot.
 *
 * - critical: what only moves runtime layers and extension configs (bounds, limits, deny lists) overtakes everything.
 * - normal: every other change, in what is left of the same 10 ms.
 * - bulk: what a cold start brings, thousands of connections at once, in 5 ms of its own: it holds up neither of the
 *   others for longer, and a server that never stops publishing still lets Envoys in.
 *
 * No lane waits before it begins: what comes while a stream waits for its turn is one visit.
 */
export type Visit = () => void;
export type Lane = "critical" | "normal" | "bulk";

export interface FanOutOptions {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Runs `slice` soon, after whatever I/O is waiting. */
  readonly defer: (slice: () => void) => void;
}

/** Between two slices the answers to the first come in, which takes about as long again. */
const SLICE_MS = 10;
const BULK_SLICE_MS = 5;

export class FanOut {
  private readonly critical = new Set<Visit>();
  private readonly normal = new Set<Visit>();
  private readonly bulk = new Set<Visit>();
  private isPlanned = false;

  constructor(private readonly options: FanOutOptions) {}

  add(visits: Iterable<Visit>, lane: Lane): void {
    for (const visit of visits) {
      if (this.critical.has(visit)) continue;
      if (lane === "critical") this.normal.delete(visit);
      this[lane].add(visit);
    }
    this.plan();
  }

  /** A stream that ended. */
  drop(visit: Visit): void {
    this.critical.delete(visit);
    this.normal.delete(visit);
    this.bulk.delete(visit);
  }

  private plan(): void {
    if (this.isPlanned || this.critical.size + this.normal.size + this.bulk.size === 0) return;
    this.isPlanned = true;
    this.options.defer(() => {
      this.isPlanned = false;
      this.runSlice();
      this.plan();
    });
  }

  private runSlice(): void {
    this.run([this.critical, this.normal], SLICE_MS);
    this.run([this.bulk], BULK_SLICE_MS);
  }

  private run(lanes: readonly Set<Visit>[], forMs: number): void {
    if (lanes.every(({ size }) => size === 0)) return;
    const endMs = this.options.nowMs() + forMs;
    for (const lane of lanes) {
      for (const visit of lane) {
        lane.delete(visit);
        visit();
        if (this.options.nowMs() >= endMs) return;
      }
    }
  }
}

const CRITICAL_TYPES: ReadonlySet<string> = new Set([RUNTIME_TYPE, EXTENSION_CONFIG_TYPE]);

export function isSameContent(before: Snapshot | undefined, after: Snapshot): boolean {
  return before !== undefined && changedTypes(before, after).length === 0;
}

function changedTypes(before: Snapshot | undefined, after: Snapshot): readonly string[] {
  const typeUrls = new Set([...(before?.types.keys() ?? []), ...after.types.keys()]);
  return [...typeUrls].filter(
    (url) => before?.types.get(url)?.contentHash !== after.types.get(url)?.contentHash,
  );
}

/** The lane of a change: critical if only critical types differ. */
export function laneOf(before: Snapshot | undefined, after: Snapshot): Lane {
  const changed = changedTypes(before, after);
  const isCritical = changed.length > 0 && changed.every((url) => CRITICAL_TYPES.has(url));
  return isCritical ? "critical" : "normal";
}
