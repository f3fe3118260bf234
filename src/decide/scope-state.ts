import type { NodeEvidence, ScopeEvidence, TierEvidence } from "../evidence/snapshot.ts";

/**
 * What the evidence says of one Shedding scope on one Envoy, the first that holds:
 *   blind      nothing may be concluded: no report, one report only, or no word of the filter
 *   late       reports are missing; the numbers are the last ones
 *   idle       the filter runs and had no request in the window
 *   failing    more requests ended without an answer than with one
 *   saturated  2 % of the requests were shed, or would have been in mode shadow, or the limit is in use to its end
 *   healthy    requests are answered and the limit has room
 * Silence is never healthy nor failing: both need a report in time that says so.
 */
export type ScopeState = "blind" | "late" | "idle" | "failing" | "saturated" | "healthy";

/** Below this share of what is offered, shedding is a burst at the edge of the limit, not a lack of capacity. */
const SATURATED_SHED_RATIO = 0.02;

/** A state and the words for it: what was seen, without a full stop. */
export interface Judgement {
  readonly state: ScopeState;
  readonly reason: string;
}

export function judgeScope(node: NodeEvidence, scope: ScopeEvidence | undefined): Judgement {
  const silence = judgeSilence(node, scope);
  if (silence !== undefined) return silence;
  const load = sumTiers(scope?.tiers ?? []);
  if (scope === undefined || (load.offeredRps === 0 && scope.inflight === 0)) {
    return { state: "idle", reason: `no request in the last ${seconds(node.windowMs)}` };
  }
  const { completedRps, lostRps } = scope;
  if (lostRps > completedRps) {
    const reason = `${perSecond(lostRps)} requests/s ended without an answer, ${perSecond(completedRps)} with one`;
    return { state: "failing", reason };
  }
  return judgeLoad(scope, load);
}

/** With answers coming: is the limit in the way? */
function judgeLoad({ limit, inflight }: ScopeEvidence, load: Load): Judgement {
  const { offeredRps } = load;
  const verdict = load.shedRps > 0 ? "were shed" : "would have been shed";
  const shedRps = load.shedRps > 0 ? load.shedRps : load.wouldShedRps;
  const counts = `${perSecond(shedRps)} of ${perSecond(offeredRps)} requests/s ${verdict}`;
  if (shedRps > 0 && shedRps >= SATURATED_SHED_RATIO * offeredRps) {
    return { state: "saturated", reason: `${counts} at a limit of ${limit}` };
  }
  if (limit > 0 && inflight >= limit) {
    return { state: "saturated", reason: `all ${limit} requests of the limit are in flight` };
  }
  const traffic = shedRps > 0 ? `only ${counts}` : `${perSecond(offeredRps)} requests/s, none shed`;
  return { state: "healthy", reason: `${traffic}, ${inflight} in flight of a limit of ${limit}` };
}

function judgeSilence(node: NodeEvidence, scope: ScopeEvidence | undefined): Judgement | undefined {
  const age = seconds(node.ageMs);
  if (!node.hasReported)
    return { state: "blind", reason: `no report yet, ${age} after it connected` };
  if (node.state === "blind") return { state: "blind", reason: `no report for ${age}` };
  if (node.state === "late") return { state: "late", reason: `the last report is ${age} old` };
  if (node.windowMs === 0) return { state: "blind", reason: "one report so far, no rate is known" };
  if (scope === undefined && !node.filter.isHeard) {
    return { state: "blind", reason: "Envoy reports, but its filter does not" };
  }
  return undefined;
}

interface Load {
  /** Admitted and shed. */
  readonly offeredRps: number;
  readonly shedRps: number;
  readonly wouldShedRps: number;
}

function sumTiers(tiers: readonly TierEvidence[]): Load {
  const sum = { offeredRps: 0, shedRps: 0, wouldShedRps: 0 };
  for (const { admittedRps, shedRps, wouldShedRps } of tiers) {
    sum.offeredRps += admittedRps + shedRps;
    sum.shedRps += shedRps;
    sum.wouldShedRps += wouldShedRps;
  }
  return sum;
}

/** One decimal below 10, whole numbers above: what a person compares at a glance. */
function perSecond(rps: number): string {
  if (rps > 0 && rps < 0.1) return "under 0.1";
  return rps < 10 ? String(Math.round(rps * 10) / 10) : String(Math.round(rps));
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
