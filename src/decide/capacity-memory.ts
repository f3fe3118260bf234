import type { NodeEvidence, ScopeEvidence } from "../evidence/snapshot.ts";

/**
 * What the Envoys of one gateway found out about their scopes, kept for an Envoy that starts anew: it begins where the
 * others, or it itself before its end, had come to, instead of at `initial`. Remembered is what an Envoy shows that is
 * heard in time and answers requests; of several the one with the median limit (the lower of two), limit and baseline
 * together, so that one that has just begun or stands before a sick instance does not speak for all. Silence changes
 * nothing.
 * A filter that runs has learned more than any memory, so a push of memory to it is only cost. Hence it is pushed
 * again only once it has moved by more than 25 % since the last time, and 30 s after that: the law itself moves by
 * that much in one window. For an Envoy that has just come nobody waits the 30 s.
 */
export interface ScopeMemory {
  /** Concurrency limit, requests, > 0. */
  readonly limit: number;
  /** Time to response headers without queueing, ms, > 0. */
  readonly baselineMs: number;
}

/** By name of the Shedding. */
export type CapacityMemory = ReadonlyMap<string, ScopeMemory>;

export const NO_MEMORY: CapacityMemory = new Map();

const MOVED_RATIO = 1.25;
export const LEAST_MS_BETWEEN_PUSHES = 30_000;

/** `scopes`: names of the Sheddings that act on the gateway now; any other is forgotten. `nodes`: its Envoys. */
export function remember(
  known: CapacityMemory,
  scopes: readonly string[],
  nodes: readonly NodeEvidence[],
): CapacityMemory {
  const heard = nodes.filter(({ state, windowMs }) => state === "ok" && windowMs > 0);
  const memory = new Map<string, ScopeMemory>();
  for (const name of scopes) {
    const shown = heard.flatMap((node) => node.scopes.filter(({ scope }) => scope === name));
    const entry = median(shown.flatMap(toMemory)) ?? known.get(name);
    if (entry !== undefined) memory.set(name, entry);
  }
  return memory;
}

function toMemory({ limit, baselineMs = 0, completedRps }: ScopeEvidence): ScopeMemory[] {
  return limit > 0 && baselineMs > 0 && completedRps > 0 ? [{ limit, baselineMs }] : [];
}

/** By limit, then baseline, so that the order of the nodes never shows. */
function median(entries: readonly ScopeMemory[]): ScopeMemory | undefined {
  const sorted = entries.toSorted((a, b) => a.limit - b.limit || a.baselineMs - b.baselineMs);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Whether what is known differs enough from what was pushed. `sinceMs`: since that push. */
export function isWorthPushing(at: {
  readonly known: CapacityMemory;
  readonly pushed: CapacityMemory;
  readonly sinceMs: number;
  /** An Envoy of the gateway has just connected. */
  readonly isAwaited: boolean;
}): boolean {
  if (!at.isAwaited && at.sinceMs < LEAST_MS_BETWEEN_PUSHES) return false;
  return [...at.known].some(([scope, memory]) => hasMoved(memory, at.pushed.get(scope)));
}

function hasMoved(now: ScopeMemory, before: ScopeMemory | undefined): boolean {
  if (before === undefined) return true;
  return (
    ratio(now.limit, before.limit) > MOVED_RATIO ||
    ratio(now.baselineMs, before.baselineMs) > MOVED_RATIO
  );
}

/** The greater through the lesser; both > 0. */
function ratio(a: number, b: number): number {
  return Math.max(a, b) / Math.min(a, b);
}
