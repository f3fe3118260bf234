import type { RouteMatch } from "../policy/policy-set.ts";
import { compareHosts } from "./hostname.ts";
import { trimPrefix } from "./route-match.ts";

/**
 * Which of several matches holds a request, by Gateway API's order: the more specific hostname; exact path, then the
 * longest; a method; more headers; more query parameters; then the name of the route and the place of the rule in it.
 * The standard leaves regular expressions to the implementation: here between exact and prefix, since who writes one
 * beside a prefix means an exception to it. Total: equal only for the same match of the same rule.
 * https://gateway-api.sigs.k8s.io/reference/spec/#gateway.networking.k8s.io/v1.HTTPRouteRule
 */
export interface RankedMatch {
  readonly host: string;
  readonly match: RouteMatch;
  readonly route: string;
  /** Index of the rule in its route, of the match in its rule. */
  readonly rule: number;
  readonly position: number;
}

const PATH_RANK = { Exact: 0, RegularExpression: 1, PathPrefix: 2 } as const;

/** Negative: `a` is tried first. */
export function compareMatches(a: RankedMatch, b: RankedMatch): number {
  return (
    compareHosts(a.host, b.host) ||
    PATH_RANK[a.match.path.type] - PATH_RANK[b.match.path.type] ||
    trimPrefix(b.match.path.value).length - trimPrefix(a.match.path.value).length ||
    Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
    b.match.headers.length - a.match.headers.length ||
    b.match.queryParams.length - a.match.queryParams.length ||
    (a.route < b.route ? -1 : Number(a.route > b.route)) ||
    a.rule - b.rule ||
    a.position - b.position
  );
}
