import { RecentMap } from "./recent-map.ts";

/**
 * What each Envoy last reported of its load by cluster and locality, and the sums since it is known. A report holds what
 * came since the one before, so a lost one is missing from the sums and nothing else. A cluster without requests is left out of a
 * report: its rates are 0 then, its sums stay. Memory is of fixed bounds; time comes with every call, monotonic milliseconds.
 */
export interface LocalityLoad {
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly issued: number;
  readonly succeeded: number;
  /** Answered 5xx, or not at all. */
  readonly failed: number;
  /** At the time of the report. */
  readonly inflight: number;
}

export interface LoadReport {
  /** What it covers; <= 0: not said, and no rate is known. */
  readonly intervalMs: number;
  readonly loads: readonly LocalityLoad[];
}

export interface LoadEvidence extends LocalityLoad {
  readonly issuedRps: number;
  readonly failedRps: number;
}

export interface NodeLoads {
  readonly node: string;
  /** Since its last report. */
  readonly ageMs: number;
  /** By cluster, region and zone. Counts are sums, `inflight` is of the last report. */
  readonly loads: readonly LoadEvidence[];
}

const MAX_NODES = 2048;
const MAX_LOADS = 1024;

/** Longer names are not worth their memory; the intent knows none. */
const MAX_KEY_LENGTH = 512;

/** As long as an Envoy's metrics are remembered. */
const FORGET_MS = 15 * 60_000;

interface NodeEntry {
  lastMs: number;
  /** Number of the last report. */
  report: number;
  readonly loads: RecentMap<LoadEntry>;
}

interface LoadEntry {
  load: LocalityLoad | undefined;
  report: number;
  issuedRps: number;
  failedRps: number;
}

export class LoadReports {
  readonly #nodes = new RecentMap<NodeEntry>(MAX_NODES, () => ({
    lastMs: 0,
    report: 0,
    loads: new RecentMap<LoadEntry>(MAX_LOADS, () => ({
      load: undefined,
      report: 0,
      issuedRps: 0,
      failedRps: 0,
    })),
  }));

  observe(node: string, nowMs: number, { intervalMs, loads }: LoadReport): void {
    const entry = this.#nodes.of(node);
    entry.lastMs = nowMs;
    entry.report += 1;
    const toRps = (count: number) => (intervalMs > 0 ? (count / intervalMs) * 1000 : 0);
    for (const load of loads) {
      const key = JSON.stringify([load.cluster, load.region, load.zone]);
      if (key.length > MAX_KEY_LENGTH) continue;
      const held = entry.loads.of(key);
      held.load = sum(held.load, load);
      held.report = entry.report;
      held.issuedRps = toRps(load.issued);
      held.failedRps = toRps(load.failed);
    }
  }

  snapshot(nowMs: number): NodeLoads[] {
    const nodes: NodeLoads[] = [];
    for (const [node, entry] of this.#nodes.sorted()) {
      const ageMs = Math.max(0, nowMs - entry.lastMs);
      if (ageMs > FORGET_MS) this.#nodes.delete(node);
      else nodes.push({ node, ageMs, loads: toLoads(entry) });
    }
    return nodes;
  }
}

function sum(before: LocalityLoad | undefined, load: LocalityLoad): LocalityLoad {
  if (before === undefined) return load;
  return {
    ...load,
    issued: before.issued + load.issued,
    succeeded: before.succeeded + load.succeeded,
    failed: before.failed + load.failed,
  };
}

function toLoads({ loads, report }: NodeEntry): LoadEvidence[] {
  return loads.sorted().flatMap(([, { load, issuedRps, failedRps, report: last }]) => {
    if (load === undefined) return [];
    if (last === report) return [{ ...load, issuedRps, failedRps }];
    return [{ ...load, inflight: 0, issuedRps: 0, failedRps: 0 }];
  });
}
