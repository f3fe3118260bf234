/**
 * Which of several matches of one hostname a request takes. Gateway API (HTTPRouteRule, "Proxy or Load Balancer routing
 * configuration generated from HTTPRoutes"): exact path, longest prefix, method, most headers, most query parameters, then the
 * route's name, then the order of rules. Regular expressions, which the standard leaves open, stand between exact paths and prefixes,
 * since behind them the prefix / would hide every one.
 */
import type { RouteMatch } from "./intent/route-match.ts";
import type { Target } from "./intent/target.ts";
import { compareText } from "./report.ts";
import { toPrefix } from "./request-path.ts";

export interface RankedMatch {
  readonly match: RouteMatch;
  /** Name of the route. */
  readonly route: string;
  /** Index of the rule in the route. */
  readonly rule: number;
  /** Index of the match in the rule. */
  readonly position: number;
}

const PATH_RANK = { Exact: 0, RegularExpression: 1, PathPrefix: 2 } as const;

/** Below 0 if `a` is to be tried first; 0 only for the same match of the same rule. */
export function compareMatches(a: RankedMatch, b: RankedMatch): number {
  return (
    compareRouteMatches(a.match, b.match) ||
    compareText(a.route, b.route) ||
    a.rule - b.rule ||
    a.position - b.position
  );
}

/** The part of the order that looks only at what is matched. */
function compareRouteMatches(a: RouteMatch, b: RouteMatch): number {
  return (
    compareCalls(a.grpc, b.grpc) ||
    PATH_RANK[a.path.type] - PATH_RANK[b.path.type] ||
    toPrefix(b.path.value).length - toPrefix(a.path.value).length ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.queryParams.length - a.queryParams.length
  );
}

type Call = RouteMatch["grpc"];

/** GRPCRoute: most characters of the service, then of the method. Both kinds never meet on one hostname. */
function compareCalls(a: Call, b: Call): number {
  if (a === undefined || b === undefined) return 0;
  return b.service.length - a.service.length || b.method.length - a.method.length;
}

const TARGET_RANK = { route: 0, service: 1, gateway: 2 } as const;

/** Narrowest first: of several Sheddings, or RateLimits, that could hold a request the first does. */
export function compareTargets(a: Target, b: Target): number {
  return TARGET_RANK[a.kind] - TARGET_RANK[b.kind] || compareText(a.name, b.name);
}
