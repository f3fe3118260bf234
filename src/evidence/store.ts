import { FILTER_PREFIX, parseMetricName } from "./metric-name.ts";
import { Series } from "./series.ts";
import type {
  EvidenceSnapshot,
  FilterEvidence,
  NodeEvidence,
  ScopeEvidence,
  SignalState,
  TierEvidence,
} from "./snapshot.ts";

/** One value of one metric; counters are cumulative. */
export interface Sample {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly value: number;
}

/** Envoys report every second: two missing reports are late, five are silence. */
const LATE_MS = 2500;
const BLIND_MS = 5500;

/** A node has at most 32 scopes of 8 tiers and a few names each; more is not ours. */
const MAX_SERIES = 1024;
const MAX_NODES = 10_000;

interface Source {
  lastMs: number;
  readonly counters: Map<string, Series>;
  readonly gauges: Map<string, number>;
}

/**
 * Telemetry by node. Only names of ours are kept, in bounded number; what does not fit, and values that are not finite
 * and at least 0, are counted as dropped. Holds no clock: time comes with every call.
 */
export class EvidenceStore {
  readonly #sources = new Map<string, Source>();
  #dropped = 0;

  /** Samples that were not kept, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A report of a node, whatever it holds, shows that the node lives. */
  observe(node: string, nowMs: number, samples: readonly Sample[]): void {
    const source = this.#source(node, nowMs);
    if (source === undefined) {
      this.#dropped += samples.length;
      return;
    }
    source.lastMs = Math.max(source.lastMs, nowMs);
    for (const sample of samples) this.#keep(source, nowMs, sample);
  }

  forget(node: string): void {
    this.#sources.delete(node);
  }

  snapshot(nowMs: number): EvidenceSnapshot {
    const nodes = [...this.#sources].map(([node, source]) => nodeEvidence(node, source, nowMs));
    return { nowMs, nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)) };
  }

  #source(node: string, nowMs: number): Source | undefined {
    const known = this.#sources.get(node);
    if (known !== undefined) return known;
    if (this.#sources.size >= MAX_NODES) return undefined;
    const added = { lastMs: nowMs, counters: new Map(), gauges: new Map() };
    this.#sources.set(node, added);
    return added;
  }

  #keep(source: Source, nowMs: number, { name, kind, value }: Sample): void {
    if (parseMetricName(name) === undefined) return;
    const isFull = source.counters.size + source.gauges.size >= MAX_SERIES;
    const isNew = !source.counters.has(name) && !source.gauges.has(name);
    if (!Number.isFinite(value) || value < 0 || (isNew && isFull)) {
      this.#dropped += 1;
      return;
    }
    if (kind === "gauge") {
      source.gauges.set(name, value);
      return;
    }
    const series = source.counters.get(name);
    if (series === undefined) source.counters.set(name, new Series(nowMs, value));
    else series.observe(nowMs, value);
  }
}

function stateOf(ageMs: number): SignalState {
  if (ageMs <= LATE_MS) return "ok";
  return ageMs <= BLIND_MS ? "late" : "blind";
}

function nodeEvidence(node: string, source: Source, nowMs: number): NodeEvidence {
  const ageMs = Math.max(0, nowMs - source.lastMs);
  return {
    node,
    ageMs,
    state: stateOf(ageMs),
    scopes: scopeNames(source).map((scope) => scopeEvidence(scope, source, nowMs)),
    filter: filterEvidence(source),
  };
}

function filterEvidence({ counters, gauges }: Source): FilterEvidence {
  return {
    internalErrors: counters.get(`${FILTER_PREFIX}filter.internal_error`)?.total ?? 0,
    untracked: counters.get(`${FILTER_PREFIX}filter.untracked`)?.total ?? 0,
    isLocal: gauges.get(`${FILTER_PREFIX}filter.local_mode`) === 1,
  };
}

function scopeNames({ gauges }: Source): string[] {
  const names = [...gauges.keys()].flatMap((name) => {
    const parsed = parseMetricName(name);
    return parsed?.kind === "scope" ? [parsed.scope] : [];
  });
  return [...new Set(names)].sort();
}

function scopeEvidence(scope: string, { counters, gauges }: Source, nowMs: number): ScopeEvidence {
  const series = (what: string) => counters.get(`${FILTER_PREFIX}${scope}.${what}`);
  const completed = series("completed")?.sum(nowMs) ?? 0;
  const rttUs = series("rtt_us")?.sum(nowMs) ?? 0;
  const tiers = [...counters.keys()].flatMap((name) => {
    const parsed = parseMetricName(name);
    return parsed?.kind === "tier" && parsed.scope === scope ? [parsed.tier] : [];
  });
  return {
    scope,
    inflight: gauges.get(`${FILTER_PREFIX}${scope}.inflight`) ?? 0,
    limit: gauges.get(`${FILTER_PREFIX}${scope}.limit`) ?? 0,
    completedRps: series("completed")?.rate(nowMs) ?? 0,
    lostRps: series("lost")?.rate(nowMs) ?? 0,
    ...(completed > 0 && { rttMs: rttUs / completed / 1000 }),
    tiers: [...new Set(tiers)].map((tier) => {
      const ofTier = (what: string) =>
        counters.get(`${FILTER_PREFIX}${scope}.tier.${tier}.${what}`);
      return tierEvidence(tier, ofTier, nowMs);
    }),
  };
}

function tierEvidence(
  tier: string,
  series: (what: string) => Series | undefined,
  nowMs: number,
): TierEvidence {
  const [admitted, shed, wouldShed] = [series("admitted"), series("shed"), series("would_shed")];
  return {
    tier,
    admittedRps: admitted?.rate(nowMs) ?? 0,
    shedRps: shed?.rate(nowMs) ?? 0,
    wouldShedRps: wouldShed?.rate(nowMs) ?? 0,
    admitted: admitted?.total ?? 0,
    shed: shed?.total ?? 0,
    wouldShed: wouldShed?.total ?? 0,
  };
}
