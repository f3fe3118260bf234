import type { NodeEvidence, ScopeEvidence } from "../../src/evidence/snapshot.ts";

/** Evidence of a node in time and without load; a test writes only what it is about. */
export function nodeEvidence(parts: Partial<NodeEvidence> = {}): NodeEvidence {
  return {
    node: "edge-1",
    role: "gateway/edge",
    hasReported: true,
    state: "ok",
    ageMs: 300,
    windowMs: 5000,
    scopes: [scopeEvidence()],
    filter: { isHeard: true, internalErrors: 0, untracked: 0, isLocal: false },
    clusters: [],
    ...parts,
  };
}

export function scopeEvidence({
  admittedRps = 0,
  shedRps = 0,
  wouldShedRps = 0,
  ...parts
}: Partial<ScopeEvidence> & {
  admittedRps?: number;
  shedRps?: number;
  wouldShedRps?: number;
} = {}): ScopeEvidence {
  return {
    scope: "checkout",
    inflight: 0,
    limit: 16,
    completedRps: admittedRps,
    lostRps: 0,
    tiers: [
      {
        ...{ tier: "default", admittedRps, shedRps, wouldShedRps },
        ...{ admitted: 0, shed: 0, wouldShed: 0 },
      },
    ],
    ...parts,
  };
}
