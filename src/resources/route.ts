import { ROUTE_TYPE } from "../proto/type-url.ts";
import type { Catalog } from "./catalog.ts";
import type { HostView, PortView } from "./gateway-view.ts";
import { ANY_HOST, compareHosts, covers } from "./hostname.ts";
import { hostName, portName } from "./names.ts";
import type { EnvoyResource } from "./resource.ts";
import { COUNTING_TRIES, rankedRoutes } from "./rule-route.ts";

/**
 * One RouteConfiguration per port, with TLS per host of a port. Envoy picks a single virtual host by the most specific domain and looks no further,
 * while Gateway API goes on to the rules of less specific hostnames of the same listener. So every domain gets a
 * virtual host that lists all rules which may hold it, most specific first. A request belongs to the most specific
 * listener alone: a domain never falls through to the routes of another one.
 */
export function buildRouteConfigurations(
  gateway: string,
  view: PortView,
  catalog: Catalog,
): EnvoyResource[] {
  const name = portName(gateway, view.port);
  const isSecure = view.hosts.some(({ tls }) => tls !== undefined);
  if (!isSecure) return [buildRouteConfiguration(name, { ...view, gateway }, catalog)];
  return view.hosts.map((host) =>
    buildRouteConfiguration(
      hostName(name, host.hostname),
      { ...view, gateway, only: host },
      catalog,
    ),
  );
}

/** `only`: the host whose connections these are; for a name that is another one's they hold nothing. */
type ConnectionView = PortView & { readonly gateway: string; readonly only?: HostView };

function buildRouteConfiguration(
  name: string,
  view: ConnectionView,
  catalog: Catalog,
): EnvoyResource {
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

function domains({ hosts, only }: ConnectionView): string[] {
  const names = hosts.flatMap(({ hostname, attachments }) => [
    hostname,
    ...attachments.flatMap(({ hostnames }) => hostnames),
  ]);
  const reachable = names.filter((name) => only === undefined || covers(only.hostname, name));
  return [...new Set(reachable)].sort(compareHosts);
}

function virtualHost(domain: string, view: ConnectionView, catalog: Catalog) {
  const owner = ownerOf(domain, view);
  const isElsewhere = view.only !== undefined && view.only !== owner;
  const hosted = (isElsewhere ? [] : owner.attachments).flatMap(({ route, hostnames }) => {
    const [host] = hostnames.filter((name) => covers(name, domain)).sort(compareHosts);
    return host === undefined ? [] : [{ route, host }];
  });
  return {
    name: domain,
    domains: [domain],
    ...COUNTING_TRIES,
    routes: rankedRoutes(hosted, { port: shownPort(view), gateway: view.gateway }, catalog),
  };
}

/** A URL leaves the port of its scheme out, as it leaves out 80 of http. */
function shownPort({ port, hosts }: PortView): number {
  return port === 443 && hosts.some(({ tls }) => tls !== undefined) ? 80 : port;
}

function ownerOf(domain: string, { hosts }: PortView): HostView {
  const [owner] = hosts
    .filter(({ hostname }) => covers(hostname, domain))
    .sort((a, b) => compareHosts(a.hostname, b.hostname));
  if (owner === undefined) throw new Error(`invariant: no listener holds ${domain}`);
  return owner;
}
