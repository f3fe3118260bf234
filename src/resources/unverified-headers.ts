import type { HeldScope } from "./held-scope.ts";

/** How one hop tells the next the tier and cohort of a request; whoever could forge it would choose their own tier. */
const TIER_HEADER = "x-qmesh-tier";

/**
 * Headers that count only from a verified peer of the mesh. A gateway verifies nobody yet, so it strips them from every
 * request. Sorted: the order of the intent must not change a listener, since that drains its connections.
 */
export function unverifiedHeaders(scopes: readonly HeldScope[]): string[] {
  const named = scopes.flatMap(({ shedding }) => shedding.meshOnlyHeaders);
  return [...new Set([TIER_HEADER, ...named])].sort();
}
