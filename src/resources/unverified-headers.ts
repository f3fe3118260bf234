import type { HeldScope } from "./held-scope.ts";

/**
 * How one hop tells the next the tier and cohort of a request, and that it would have been shed; whoever could forge the
 * first would choose their own tier.
 */
const OWN_HEADERS = ["x-qmesh-tier", "x-qmesh-would-shed"];

/**
 * Headers that count only from a verified peer of the mesh. A gateway verifies nobody yet, so it strips them from every
 * request. Sorted: the order of the intent must not change a listener, since that drains its connections.
 */
export function unverifiedHeaders(scopes: readonly HeldScope[]): string[] {
  const named = scopes.flatMap(({ shedding }) => shedding.meshOnlyHeaders);
  return [...new Set([...OWN_HEADERS, ...named])].sort();
}
