import type { EvidenceSnapshot, NodeEvidence } from "../evidence/snapshot.ts";
import type { Shedding } from "../policy/intent/shedding.ts";
import { parseRole } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { decideFilterBounds, type FilterBoundsDecision } from "./filter-bounds.ts";
import { sheddingsOf } from "./scopes.ts";

export type { EvidenceSnapshot } from "../evidence/snapshot.ts";
export type { PolicySet } from "../policy/policy-set.ts";
export { explain } from "./explain.ts";
export type { FilterBoundsDecision } from "./filter-bounds.ts";
export type { ScopeState } from "./scope-state.ts";

/** Everything the engine may decide, told apart by `kind`. Plain values: they survive JSON unchanged. */
export type Decision = FilterBoundsDecision;

/**
 * The decision engine: intent and evidence in, decisions out. A pure function: no clock, no randomness, no I/O, no
 * memory of the tick before; equal input gives equal output, and neither the order of the intent's documents nor that
 * of the nodes changes it. At most one decision a node and scope, sorted by node, then scope.
 *
 * `tick`: logical time, an integer >= 0, copied into every decision and used for nothing else.
 * A node that has not said what it runs as gets decisions for the scopes its own reports name.
 * Never throws for a valid `PolicySet`, whatever the evidence.
 */
export function decide(
  policySet: PolicySet,
  evidence: EvidenceSnapshot,
  tick: number,
): readonly Decision[] {
  const nodes = [...evidence.nodes].sort((a, b) => (a.node < b.node ? -1 : 1));
  return nodes.flatMap((node) =>
    sheddingsOn(policySet, node).map((shedding) => decideFilterBounds(shedding, node, tick)),
  );
}

function sheddingsOn(policySet: PolicySet, node: NodeEvidence): readonly Shedding[] {
  const role = node.role === undefined ? undefined : parseRole(node.role);
  if (role !== undefined) return sheddingsOf(policySet, role);
  const named = new Set(node.scopes.map(({ scope }) => scope));
  return policySet.sheddings
    .filter(({ name, mode }) => mode !== "off" && named.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
