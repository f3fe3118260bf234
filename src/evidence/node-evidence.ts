import type { Window } from "./slots.ts";
import type {
  ClusterEvidence,
  FilterEvidence,
  NodeEvidence,
  ScopeEvidence,
  TierEvidence,
} from "./snapshot.ts";
import type { Entry, Source } from "./source.ts";

/** Metrics of one source, gathered by what they are about, as the plain values a snapshot holds. */
type Metrics = Pick<NodeEvidence, "windowMs" | "scopes" | "filter" | "clusters">;

export function readMetrics(source: Source): Metrics {
  const window = source.slots.window();
  const filter = new Reading(window);
  const scopes = new Map<string, { own: Reading; tiers: Map<string, Reading> }>();
  const clusters = new Map<string, Reading>();
  const scopeOf = (scope: string) =>
    getOrAdd(scopes, scope, () => ({ own: new Reading(window), tiers: new Map() }));
  for (const entry of source.entries()) {
    const { name } = entry;
    if (name.kind === "filter") filter.add(entry);
    else if (name.kind === "scope") scopeOf(name.scope).own.add(entry);
    else if (name.kind === "tier")
      getOrAdd(scopeOf(name.scope).tiers, name.tier, () => new Reading(window)).add(entry);
    else getOrAdd(clusters, name.cluster, () => new Reading(window)).add(entry);
  }
  return {
    windowMs: window.ms,
    filter: toFilter(filter),
    scopes: sorted(scopes).map(([scope, { own, tiers }]) => toScope(scope, own, tiers)),
    clusters: sorted(clusters)
      .filter(([, reading]) => reading.has("upstream_rq_total"))
      .map(([cluster, reading]) => toCluster(cluster, reading)),
  };
}

/** Metrics of one thing by the last word of their names. */
class Reading {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly window: Window) {}

  get size(): number {
    return this.#entries.size;
  }

  add(entry: Entry): void {
    this.#entries.set(entry.name.what, entry);
  }

  has(what: string): boolean {
    return this.#entries.has(what);
  }

  value(what: string): number {
    return this.#entries.get(what)?.value ?? 0;
  }

  rise(what: string): number {
    return this.#entries.get(what)?.series?.riseSince(this.window.from) ?? 0;
  }

  rps(what: string): number {
    return this.window.ms === 0 ? 0 : (this.rise(what) / this.window.ms) * 1000;
  }
}

function toFilter(reading: Reading): FilterEvidence {
  return {
    isHeard: reading.size > 0,
    internalErrors: reading.value("internal_error"),
    untracked: reading.value("untracked"),
    isLocal: reading.value("local_mode") > 0,
  };
}

function toScope(scope: string, own: Reading, tiers: Map<string, Reading>): ScopeEvidence {
  const completed = own.rise("completed");
  const baselineUs = own.value("baseline_us");
  return {
    scope,
    // What a dead VM left behind in the gauge is not in flight.
    inflight: Math.max(0, own.value("inflight") - own.value("leaked")),
    limit: own.value("limit"),
    ...(baselineUs > 0 && { baselineMs: baselineUs / 1000 }),
    completedRps: own.rps("completed"),
    lostRps: own.rps("lost"),
    ...(completed > 0 && { rttMs: own.rise("rtt_us") / completed / 1000 }),
    tiers: sorted(tiers).map(([tier, reading]) => toTier(tier, reading)),
  };
}

function toTier(tier: string, reading: Reading): TierEvidence {
  return {
    tier,
    admittedRps: reading.rps("admitted"),
    shedRps: reading.rps("shed"),
    wouldShedRps: reading.rps("would_shed"),
    admitted: reading.value("admitted"),
    shed: reading.value("shed"),
    wouldShed: reading.value("would_shed"),
  };
}

/**
 * Envoy also counts 5xx under `cluster.<name>.external.` and the like; only a real cluster has a total, so those
 * never make a row.
 */
function toCluster(cluster: string, reading: Reading): ClusterEvidence {
  return {
    cluster,
    requestRps: reading.rps("upstream_rq_total"),
    error5xxRps: reading.rps("upstream_rq_5xx"),
    inflight: reading.value("upstream_rq_active"),
    connections: reading.value("upstream_cx_active"),
  };
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
