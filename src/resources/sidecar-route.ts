import { MATCH_ALL } from "../policy/route-match.ts";
import { ROUTE_TYPE } from "../proto/type-url.ts";
import type { Catalog } from "./catalog.ts";
import { decisionMark } from "./decision-mark.ts";
import { ANY_HOST } from "./hostname.ts";
import { appName, serviceRouteName, sideName } from "./names.ts";
import type { RuleSite } from "./rate-limit.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { matchJson } from "./route-match.ts";
import { COUNTING_TRIES, deniedJson, forwardJson, rankedRoutes } from "./rule-route.ts";
import type { MeshHost, SidecarView } from "./sidecar-view.ts";

/** Everything that comes in goes to the instance. How long it may take the caller's own route says. */
export function buildInboundRoutes(
  { service, sidecar }: SidecarView,
  catalog: Catalog,
): EnvoyResource {
  const name = sideName(service.name, "inbound", sidecar.inbound);
  const route = {
    name: serviceRouteName(service.name),
    match: matchJson(MATCH_ALL),
    route: { cluster: appName(service.name), timeout: "0s" },
    ...deniedJson(siteOfItself(service.name).rule, catalog),
  };
  const virtualHost = { name: ANY_HOST, domains: [ANY_HOST], routes: [route] };
  return { typeUrl: ROUTE_TYPE, name, body: { name, virtual_hosts: [virtualHost] } };
}

/**
 * One virtual host per Service that may be called, under its own name with any port. Its routes are those of the mesh form,
 * in the standard's precedence, and a request that none of them matches is answered 404; a Service without a route takes all.
 */
export function buildOutboundRoutes(
  { service, sidecar, hosts }: SidecarView,
  catalog: Catalog,
): EnvoyResource {
  const name = sideName(service.name, "outbound", sidecar.outbound);
  const body = {
    name,
    virtual_hosts: hosts.map((host) => virtualHost(host, catalog)),
    ignore_port_in_host_matching: true,
  };
  return { typeUrl: ROUTE_TYPE, name, body };
}

/** A Service has no port of its own; as in a URL without one. */
const NO_PORT = 80;

function virtualHost({ service, routes }: MeshHost, catalog: Catalog): JsonObject {
  const { name } = service;
  const hosted = routes.map((route) => ({ route, host: name }));
  return {
    name,
    domains: [name],
    ...COUNTING_TRIES,
    routes:
      routes.length === 0
        ? [toItself(name, catalog)]
        : rankedRoutes(hosted, { port: NO_PORT }, catalog),
  };
}

/** The rule of a Service without a route: everything goes to it. */
export function siteOfItself(name: string): RuleSite {
  const backends = [{ service: name, weight: 1 }];
  const rule = { matches: [MATCH_ALL], filters: [], backends, timeouts: {} };
  return { gateway: undefined, route: undefined, rule };
}

function toItself(name: string, catalog: Catalog): JsonObject {
  const denied = deniedJson(siteOfItself(name).rule, catalog);
  return {
    name: serviceRouteName(name),
    match: matchJson(MATCH_ALL),
    ...forwardJson(siteOfItself(name), MATCH_ALL, catalog),
    ...denied,
    ...decisionMark([catalog.service(name)], denied),
  };
}
