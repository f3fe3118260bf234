import { allRoutes } from "../policy/all-routes.ts";
import type { Gateway, GatewayListener, ListenerTls } from "../policy/intent/gateway.ts";
import type { Route, RouteKind } from "../policy/intent/route.ts";
import type { Service } from "../policy/intent/service.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Catalog } from "./catalog.ts";
import { ANY_HOST, intersect } from "./hostname.ts";
import { byName, reachedServices } from "./reached-services.ts";

/**
 * What one gateway needs of the whole intent: its ports, the routes that attach to each listener, and the services
 * those routes reach. Sorted, so that the order of the intent never shows in a resource.
 */
export interface GatewayView {
  readonly gateway: Gateway;
  readonly ports: readonly PortView[];
  /** Attached to at least one listener under at least one hostname. */
  readonly routes: readonly Route[];
  /** Backends and mirrors of `routes`. */
  readonly services: readonly Service[];
}

export interface PortView {
  readonly port: number;
  /** By hostname: listeners of one port that share it are one. */
  readonly hosts: readonly HostView[];
}

export interface HostView {
  /** `*`: any. */
  readonly hostname: string;
  /** One port has TLS for all hosts or for none. */
  readonly tls?: ListenerTls;
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  readonly route: Route;
  /** What both the listener and the route match; never empty. */
  readonly hostnames: readonly string[];
}

/** Undefined: the intent has no such gateway (a node may say any name, so that is no invariant). */
export function viewGateway(
  policySet: PolicySet,
  name: string,
  catalog: Catalog,
): GatewayView | undefined {
  const gateway = policySet.gateways.find((each) => each.name === name);
  if (gateway === undefined) return undefined;
  const routes = byName(allRoutes(policySet));
  const numbers = [...new Set(gateway.listeners.map(({ port }) => port))].sort((a, b) => a - b);
  const ports = numbers.map((port) => viewPort(gateway, port, routes));
  const attached = new Set(
    ports.flatMap(({ hosts }) => hosts.flatMap((host) => host.attachments.map((a) => a.route))),
  );
  const reached = routes.filter((route) => attached.has(route));
  return { gateway, ports, routes: reached, services: reachedServices(reached, catalog) };
}

function viewPort(gateway: Gateway, port: number, routes: readonly Route[]): PortView {
  const byHost = new Map<string, GatewayListener[]>();
  for (const listener of gateway.listeners) {
    if (listener.port !== port) continue;
    const hostname = listener.hostname?.toLowerCase() ?? ANY_HOST;
    byHost.set(hostname, [...(byHost.get(hostname) ?? []), listener]);
  }
  const hosts = [...byHost].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    port,
    hosts: hosts.map(([hostname, listeners]) => ({
      hostname,
      ...tlsOf(listeners),
      attachments: routes.flatMap((route) => attach({ gateway, hostname, listeners }, route)),
    })),
  };
}

/** Several listeners of one host are there on port 0 only: then the first by name speaks. */
function tlsOf(listeners: readonly GatewayListener[]): { readonly tls?: ListenerTls } {
  const tls = byName(listeners)[0]?.tls;
  return tls === undefined ? {} : { tls };
}

interface Site {
  readonly gateway: Gateway;
  readonly hostname: string;
  readonly listeners: readonly GatewayListener[];
}

function attach(site: Site, route: Route): Attachment[] {
  if (!route.parents.some((parent) => holds(site, route.kind, parent))) return [];
  const wanted = route.hostnames.length === 0 ? [ANY_HOST] : route.hostnames;
  const shared = wanted
    .map((name) => intersect(site.hostname, name.toLowerCase()))
    .filter((name) => name !== undefined);
  const hostnames = [...new Set(shared)].sort();
  return hostnames.length === 0 ? [] : [{ route, hostnames }];
}

function holds(site: Site, kind: RouteKind, parent: Route["parents"][number]): boolean {
  if (parent.gateway !== site.gateway.name) return false;
  const { sectionName } = parent;
  return site.listeners.some(
    ({ name, routeKinds }) =>
      (sectionName ?? name) === name && (routeKinds?.includes(kind) ?? true),
  );
}
