import { ROUTE_TYPE } from "../proto/type-url.ts";
import type { Catalog } from "./catalog.ts";
import type { HostView, PortView } from "./gateway-view.ts";
import { ANY_HOST, compareHosts, covers } from "./hostname.ts";
import { portName } from "./names.ts";
import type { EnvoyResource } from "./resource.ts";
import { rankedRoutes } from "./rule-route.ts";

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
    .map((domain) => virtualHost(domain, view, catalog))
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

function virtualHost(domain: string, view: PortView, catalog: Catalog) {
  const hosted = ownerOf(domain, view).attachments.flatMap(({ route, hostnames }) => {
    const [host] = hostnames.filter((name) => covers(name, domain)).sort(compareHosts);
    return host === undefined ? [] : [{ route, host }];
  });
  return { name: domain, domains: [domain], routes: rankedRoutes(hosted, view.port, catalog) };
}

function ownerOf(domain: string, { hosts }: PortView): HostView {
  const [owner] = hosts
    .filter(({ hostname }) => covers(hostname, domain))
    .sort((a, b) => compareHosts(a.hostname, b.hostname));
  if (owner === undefined) throw new Error(`invariant: no listener holds ${domain}`);
  return owner;
}
