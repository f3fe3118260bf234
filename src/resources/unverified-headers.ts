import type { Shedding } from "../policy/intent/shedding.ts";

/**
 * How one hop tells the next the tier and cohort of a request, and that it would have been shed; whoever could forge the
 * first would choose their own tier.
 */
export const TIER_HEADER = "x-qmesh-tier";
const OWN_HEADERS = [TIER_HEADER, "x-qmesh-would-shed"];

/**
 * Headers that count only from a verified peer of the mesh; taken off the requests of every other. Those of all Sheddings,
 * not only of the ones held here: an instance may pass a header on, and then it comes to the next hop from within.
 * Sorted: the order of the intent must not change a listener, since that drains its connections.
 */
export function unverifiedHeaders(sheddings: readonly Shedding[]): string[] {
  const named = sheddings.flatMap(({ meshOnlyHeaders }) => meshOnlyHeaders);
  return [...new Set([...OWN_HEADERS, ...named])].sort();
}
