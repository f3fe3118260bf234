import { readMetrics } from "./node-evidence.ts";
import { SLOT_MS } from "./slots.ts";
import type { EvidenceSnapshot, NodeEvidence, SignalState } from "./snapshot.ts";
import { type Sample, Source } from "./source.ts";

/**
 * What every Envoy of the mesh last said of itself, in memory of fixed bounds. Holds no clock: monotonic time comes with
 * every call. Silence never reads as zero load: the last numbers stay, with their age and a state by age.
 * Cold start: nothing; a node that is expected but never reported is blind.
 */
export interface EvidenceBounds {
  /** Envoys remembered; one more takes the place of the one silent for longest. */
  readonly maxSources: number;
  /** Metrics of one Envoy's filter, and as many of its clusters; more are dropped and counted. */
  readonly maxSeries: number;
}

/** 32 scopes of 8 tiers, the most a filter takes, are 996 metrics. A metric takes 0.7 KB: 70 KB for a usual Envoy. */
const BOUNDS: EvidenceBounds = { maxSources: 2048, maxSeries: 1024 };

/** A report each second: one may be lost or wait half a second behind a push before it counts as missing. */
const LATE_MS = 2.5 * SLOT_MS;

/** Four reports missing, and the window of rates nearly over: what the numbers say is history. */
const BLIND_MS = 5 * SLOT_MS;

/** Long enough to be seen as blind by a person, short enough not to keep every Envoy there ever was. */
const FORGET_MS = 15 * 60 * SLOT_MS;

export class EvidenceStore {
  readonly #sources = new Map<string, Source>();
  readonly #bounds: EvidenceBounds;
  #dropped = 0;

  constructor(bounds: Partial<EvidenceBounds> = {}) {
    this.#bounds = { ...BOUNDS, ...bounds };
  }

  /** Samples and sources that found no room, and samples that were no finite number >= 0. Grows only. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A node is there and should report from now on. `role`: what it runs as, `gateway/edge`; undefined if it has not said. */
  expect(node: string, role: string | undefined, nowMs: number): void {
    this.#source(node, nowMs).role = role;
  }

  /** A report. One without samples of interest still shows that the node lives. */
  observe(node: string, nowMs: number, samples: readonly Sample[]): void {
    const source = this.#source(node, nowMs);
    this.#dropped += source.observe(nowMs, samples);
  }

  /** False if it was not known. */
  forget(node: string): boolean {
    return this.#sources.delete(node);
  }

  snapshot(nowMs: number): EvidenceSnapshot {
    const nodes: NodeEvidence[] = [];
    for (const [node, source] of this.#sources) {
      if (ageMs(source, nowMs) <= FORGET_MS) nodes.push(toNode(node, source, nowMs));
      else this.#sources.delete(node);
    }
    return { nowMs, nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)) };
  }

  #source(node: string, nowMs: number): Source {
    const known = this.#sources.get(node);
    if (known !== undefined) return known;
    if (this.#sources.size >= this.#bounds.maxSources) this.#dropOldest();
    const added = new Source(nowMs, this.#bounds.maxSeries);
    this.#sources.set(node, added);
    return added;
  }

  #dropOldest(): void {
    let oldest: string | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const [node, source] of this.#sources) {
      if (heardMs(source) >= oldestMs) continue;
      oldest = node;
      oldestMs = heardMs(source);
    }
    if (oldest === undefined) return;
    this.#sources.delete(oldest);
    this.#dropped += 1;
  }
}

/** The last report, or when it was first expected. */
function heardMs({ slots, sinceMs }: Source): number {
  return Math.max(slots.lastMs, sinceMs);
}

function ageMs(source: Source, nowMs: number): number {
  return Math.max(0, nowMs - heardMs(source));
}

function toNode(node: string, source: Source, nowMs: number): NodeEvidence {
  const age = ageMs(source, nowMs);
  const hasReported = source.slots.checkpoint >= 0;
  return {
    node,
    ...(source.role !== undefined && { role: source.role }),
    hasReported,
    state: hasReported ? stateByAge(age) : "blind",
    ageMs: age,
    ...readMetrics(source),
  };
}

function stateByAge(age: number): SignalState {
  if (age <= LATE_MS) return "ok";
  return age <= BLIND_MS ? "late" : "blind";
}
