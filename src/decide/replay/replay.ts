import type { Shedding } from "../../policy/intent/shedding.ts";
import { type Outcome, ScopeRun } from "./scope-run.ts";
import type { TraceRequest } from "./trace.ts";

/**
 * A captured trace through the law of the filter, in virtual time: the requests in the order they came, a tick each
 * 100 ms. Pure: equal input gives equal output. Open loop: a request comes when it came and takes as long as it took,
 * whatever the policy under trial admits, so the answer is exact for what the law would have said of this load, and
 * only a guess of what clients and service would then have done.
 */
export interface ReplayPolicy {
  /** Of one gateway, in the order the filter tries them. */
  readonly scopes: readonly ReplayScope[];
  /** Headers its listeners take off every request, in lower case. */
  readonly stripped: readonly string[];
}

export interface ReplayScope {
  readonly shedding: Shedding;
  /** Values of `xds.cluster_name`; with `routes` empty too: every request. */
  readonly clusters: readonly string[];
  /** Values of `xds.route_name`. */
  readonly routes: readonly string[];
}

const TICK_MS = 100;
const HELD_BY_NONE = { scope: "", tier: "", tenant: "", isAdmitted: true, isMarked: false };

/** What becomes of every request, in the order of the trace. */
export function replay(policy: ReplayPolicy, trace: readonly TraceRequest[]): Outcome[] {
  const runs = policy.scopes.map((scope) => ({ ...scope, run: new ScopeRun(scope.shedding) }));
  const byTime = [...trace.keys()].sort((a, b) => timeOf(trace, a) - timeOf(trace, b));
  const startMs = timeOf(trace, byTime[0] ?? 0);
  const outcomes: Outcome[] = [];
  let tickMs = 0;
  for (const index of byTime) {
    const traced = withoutHeaders(requestAt(trace, index), policy.stripped);
    const nowMs = traced.atMs - startMs;
    for (; tickMs <= nowMs; tickMs += TICK_MS) for (const { run } of runs) run.tick(tickMs);
    const held = runs.find((scope) => isHeld(scope, traced));
    outcomes[index] = held?.run.decide(traced, { nowMs, index }) ?? HELD_BY_NONE;
  }
  return outcomes;
}

function isHeld({ clusters, routes }: ReplayScope, { cluster, route }: TraceRequest): boolean {
  if (clusters.length === 0 && routes.length === 0) return true;
  return clusters.includes(cluster) || routes.includes(route);
}

function withoutHeaders(traced: TraceRequest, stripped: readonly string[]): TraceRequest {
  if (!stripped.some((name) => traced.headers.has(name))) return traced;
  const kept = [...traced.headers].filter(([name]) => !stripped.includes(name));
  return { ...traced, headers: new Map(kept) };
}

function timeOf(trace: readonly TraceRequest[], index: number): number {
  return trace[index]?.atMs ?? 0;
}

function requestAt(trace: readonly TraceRequest[], index: number): TraceRequest {
  const traced = trace[index];
  if (traced === undefined) throw new Error(`invariant: no request ${index} in the trace`);
  return traced;
}
