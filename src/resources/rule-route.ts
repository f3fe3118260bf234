import type { Route, RouteRule } from "../policy/intent/route.ts";
import type { RouteMatch } from "../policy/intent/route-match.ts";
import type { Catalog } from "./catalog.ts";
import { decisionMark } from "./decision-mark.ts";
import { servicesJson } from "./denial.ts";
import { routeName } from "./names.ts";
import { compareHostedMatches, type HostedMatch } from "./precedence.ts";
import { limitsOf, type RuleSite, rateLimitJson } from "./rate-limit.ts";
import type { JsonObject } from "./resource.ts";
import { timeoutJson } from "./retry.ts";
import { actionJson, filterConfigJson, headerJson, redirectJson } from "./route-filter.ts";
import { matchJson } from "./route-match.ts";
import { splitBackends, total, type WeightedCluster } from "./split.ts";

/**
 * Of every virtual host that sends on: the next hop, its filter for one, learns which try of a request this is.
 * A client's own count is overwritten.
 */
export const COUNTING_TRIES = { include_request_attempt_count: true } as const;

/** A route of the intent on one of its hostnames. */
export interface HostedRoute {
  readonly route: Route;
  readonly host: string;
}

/**
 * The Envoy routes of one virtual host: a route per match, in the standard's precedence.
 * `port`: where the listener is reached, for redirects that name no port. `gateway`: absent at a sidecar.
 */
export function rankedRoutes(
  hosted: readonly HostedRoute[],
  { port, gateway }: { readonly port: number; readonly gateway?: string },
  catalog: Catalog,
): JsonObject[] {
  const ranked = hosted.flatMap(({ route, host }) => rankRules(route, host));
  ranked.sort(compareHostedMatches);
  return ranked.map(({ name, route, source, match }) =>
    routeJson({ name, gateway, route, rule: source, match, port }, catalog),
  );
}

function rankRules(
  { kind, name, rules }: Route,
  host: string,
): (HostedMatch & { readonly source: RouteRule; readonly name: string })[] {
  return rules.flatMap((source, rule) =>
    source.matches.map((match, position) => ({
      ...{ host, match, route: name, rule, position, source },
      name: routeName({ kind, name }),
    })),
  );
}

interface RouteEntry extends RuleSite {
  readonly name: string;
  readonly match: RouteMatch;
  readonly port: number;
}

function routeJson(entry: RouteEntry, catalog: Catalog): JsonObject {
  const { name, rule, match, port } = entry;
  const redirect = redirectJson(rule.filters, match.path, port);
  const action = redirect === undefined ? forwardJson(entry, match, catalog) : { redirect };
  const headers = headerJson(rule.filters);
  const marked = deniedJson(rule, catalog);
  const touched = [
    ...rule.backends.map(({ service }) => catalog.service(service)),
    ...limitsOf(catalog.rateLimits, entry),
  ];
  return {
    name,
    match: matchJson(match),
    ...action,
    ...headers,
    ...marked,
    ...decisionMark(touched, { ...headers, ...marked }),
    ...filterConfigJson(rule, catalog),
  };
}

/** Drawn anew for each request, or for each value of a header; for one that lacks it, anew. */
function splitJson(clusters: readonly WeightedCluster[], stickyHeader?: string): JsonObject {
  const weighted = clusters.map(({ name, weight }) => ({ name, weight }));
  if (stickyHeader === undefined) return { weighted_clusters: { clusters: weighted } };
  return {
    hash_policy: [{ header: { header_name: stickyHeader } }],
    weighted_clusters: { clusters: weighted, use_hash_policy: true },
  };
}

/** Which Services it is for, where a denial asks. */
export function deniedJson({ backends }: RouteRule, { deniedServices }: Catalog): JsonObject {
  return servicesJson([...new Set(backends.map(({ service }) => service))], deniedServices);
}

/** Where the requests of a match go, and within which time. */
export function forwardJson(site: RuleSite, match: RouteMatch, catalog: Catalog): JsonObject {
  const { rule } = site;
  const clusters = splitBackends(rule.backends, catalog);
  // Gateway API: a rule that may send nowhere answers 500, and Envoy refuses a split that adds up to 0.
  if (total(clusters) === 0) return { direct_response: { status: 500 } };
  const [only] = clusters;
  const services = [...new Set(rule.backends.map(({ service }) => catalog.service(service)))];
  const header = services.map((each) => catalog.stickyHeader(each)).find((name) => name);
  const target: JsonObject =
    clusters.length === 1 && only !== undefined
      ? { cluster: only.name }
      : splitJson(clusters, header);
  return {
    route: {
      ...target,
      ...timeoutJson(rule, services),
      ...actionJson(rule.filters, match.path, catalog),
      ...rateLimitJson(limitsOf(catalog.rateLimits, site)),
    },
  };
}
