import type { HttpRoute, RouteMatch, RouteRule } from "../policy/policy-set.ts";
import { ROUTE_TYPE } from "../proto/type-url.ts";
import type { Catalog } from "./catalog.ts";
import type { HostView, PortView } from "./gateway-view.ts";
import { ANY_HOST, compareHosts, covers } from "./hostname.ts";
import { portName, routeName } from "./names.ts";
import { compareHostedMatches, type HostedMatch } from "./precedence.ts";
import { limitsOf, type RuleSite, rateLimitJson } from "./rate-limit.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { timeoutJson } from "./retry.ts";
import { actionJson, headerJson, redirectJson } from "./route-filter.ts";
import { matchJson } from "./route-match.ts";
import { splitBackends, total } from "./split.ts";

/**
 * One RouteConfiguration per port. Envoy picks a single virtual host by the most specific domain and looks no further,
 * while Gateway API goes on to the rules of less specific hostnames of the same listener. So every domain gets a
 * virtual host that lists all rules which may hold it, most specific first. A request belongs to the most specific
 * listener alone: a domain never falls through to the routes of another one.
 */
export function buildRouteConfiguration(
  gateway: string,
  view: PortView,
  catalog: Catalog,
): EnvoyResource {
  const name = portName(gateway, view.port);
  const virtualHosts = domains(view)
    .map((domain) => virtualHost(domain, { gateway, ...view }, catalog))
    // `*` without routes answers 404, as no virtual host does.
    .filter(({ name, routes }) => name !== ANY_HOST || routes.length > 0);
  const body = {
    name,
    virtual_hosts: virtualHosts,
    // `Host: shop.example:8000` is shop.example; the header itself goes on unchanged.
    ignore_port_in_host_matching: true,
  };
  return { typeUrl: ROUTE_TYPE, name, body };
}

function domains({ hosts }: PortView): string[] {
  const names = hosts.flatMap(({ hostname, attachments }) => [
    hostname,
    ...attachments.flatMap(({ hostnames }) => hostnames),
  ]);
  return [...new Set(names)].sort(compareHosts);
}

function virtualHost(
  domain: string,
  view: PortView & { readonly gateway: string },
  catalog: Catalog,
) {
  const ranked = ownerOf(domain, view).attachments.flatMap(({ route, hostnames }) => {
    const [host] = hostnames.filter((name) => covers(name, domain)).sort(compareHosts);
    return host === undefined ? [] : rankRules(route, host);
  });
  ranked.sort(compareHostedMatches);
  const routes = ranked.map(({ route, source, match }) =>
    routeJson({ gateway: view.gateway, route, rule: source, match, port: view.port }, catalog),
  );
  return { name: domain, domains: [domain], routes };
}

function ownerOf(domain: string, { hosts }: PortView): HostView {
  const [owner] = hosts
    .filter(({ hostname }) => covers(hostname, domain))
    .sort((a, b) => compareHosts(a.hostname, b.hostname));
  if (owner === undefined) throw new Error(`invariant: no listener holds ${domain}`);
  return owner;
}

function rankRules(
  { name, rules }: HttpRoute,
  host: string,
): (HostedMatch & { readonly source: RouteRule })[] {
  return rules.flatMap((source, rule) =>
    source.matches.map((match, position) => ({ host, match, route: name, rule, position, source })),
  );
}

interface RouteEntry extends RuleSite {
  readonly match: RouteMatch;
  readonly port: number;
}

function routeJson(entry: RouteEntry, catalog: Catalog): JsonObject {
  const { route, rule, match, port } = entry;
  const redirect = redirectJson(rule.filters, match.path, port);
  const action = redirect === undefined ? forwardJson(entry, catalog) : { redirect };
  return {
    name: routeName(route),
    match: matchJson(match),
    ...action,
    ...headerJson(rule.filters),
  };
}

function forwardJson(entry: RouteEntry, catalog: Catalog): JsonObject {
  const { rule, match } = entry;
  const clusters = splitBackends(rule.backends, catalog);
  // Gateway API: a rule that may send nowhere answers 500, and Envoy refuses a split that adds up to 0.
  if (total(clusters) === 0) return { direct_response: { status: 500 } };
  const [only] = clusters;
  const target: JsonObject =
    clusters.length === 1 && only !== undefined
      ? { cluster: only.name }
      : { weighted_clusters: { clusters: clusters.map(({ name, weight }) => ({ name, weight })) } };
  const services = [...new Set(rule.backends.map(({ service }) => catalog.service(service)))];
  return {
    route: {
      ...target,
      ...timeoutJson(rule, services),
      ...actionJson(rule.filters, match.path, catalog),
      ...rateLimitJson(limitsOf(catalog.rateLimits, entry)),
    },
  };
}
