/**
 * Hostnames as Gateway API has them: exact, `*.suffix` (any number of labels before the suffix, never none) or `*` for
 * any. Envoy's virtual host domains mean the same, so names pass through unchanged but for case.
 * https://gateway-api.sigs.k8s.io/reference/spec/#gateway.networking.k8s.io/v1.Hostname
 */
export const ANY_HOST = "*";

/** Every name that `inner` matches is one that `outer` matches. */
export function covers(outer: string, inner: string): boolean {
  if (outer === ANY_HOST || outer === inner) return true;
  return outer.startsWith("*.") && inner.endsWith(outer.slice(1));
}

/** The names both match; undefined: none. */
export function intersect(a: string, b: string): string | undefined {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : undefined;
}

/** Order of precedence: any exact name, then the longer wildcard, then `*`. Negative: `a` comes first. */
export function compareHosts(a: string, b: string): number {
  return rank(b) - rank(a) || (a < b ? -1 : Number(a > b));
}

/** A DNS name has at most 253 characters, so an exact name always outranks a wildcard. */
function rank(host: string): number {
  if (host === ANY_HOST) return 0;
  return host.startsWith("*.") ? host.length : 1000 + host.length;
}
