import type { EvidenceSnapshot, NodeEvidence, ScopeEvidence } from "../evidence/snapshot.ts";
import type { PolicySet, Shedding } from "../policy/policy-set.ts";
import type { Decision, ScopeState } from "./decision.ts";

/**
 * Intent and evidence to decisions: pure, no clock, no I/O; the same input gives the same output in any order of its
 * parts. One decision per node and scope, ordered by node, then scope. The bounds are the intent's: no rule moves them
 * yet; the judgement is what the numbers say.
 */
export function decide(policySet: PolicySet, evidence: EvidenceSnapshot): Decision[] {
  const nodes = [...evidence.nodes].sort((a, b) => order(a.node, b.node));
  const sheddings = [...policySet.sheddings].sort((a, b) => order(a.name, b.name));
  return nodes.flatMap((node) =>
    sheddings.flatMap((shedding) => {
      const scope = node.scopes.find((found) => found.scope === shedding.name);
      return scope === undefined ? [] : [decideScope(node, shedding, scope)];
    }),
  );
}

/** Above this share of requests shed a scope is saturated: less is chance at the edge of the limit. */
const SATURATED_SHED_RATIO = 0.02;

function decideScope(node: NodeEvidence, shedding: Shedding, scope: ScopeEvidence): Decision {
  const { min, max, initial } = shedding.limit;
  return {
    kind: "filter-bounds",
    node: node.node,
    scope: shedding.name,
    bounds: { min, max, initial },
    state: judge(node, scope),
    evidence: scope,
  };
}

function judge(node: NodeEvidence, scope: ScopeEvidence): ScopeState {
  if (node.state !== "ok") return node.state;
  return shedRatio(scope) > SATURATED_SHED_RATIO ? "saturated" : "healthy";
}

/** Share of the offered requests that was refused, or would have been in shadow; 0 without requests. */
export function shedRatio({ tiers }: ScopeEvidence): number {
  const shed = tiers.reduce((sum, tier) => sum + tier.shedRps + tier.wouldShedRps, 0);
  const offered = tiers.reduce((sum, tier) => sum + tier.admittedRps + tier.shedRps, 0);
  return offered === 0 ? 0 : shed / offered;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
