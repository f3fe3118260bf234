import type { Denial, Fault } from "../decide/act/effective.ts";
import { type CapacityMemory, NO_MEMORY } from "../decide/capacity-memory.ts";
import type { MeshIdentity } from "../identity/mesh-identity.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import type { Service } from "../policy/intent/service.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { loggedHeaders } from "./access-log.ts";
import { Catalog } from "./catalog.ts";
import { buildAppCluster, buildCluster } from "./cluster.ts";
import { buildDenials } from "./denial.ts";
import {
  buildAppEndpoint,
  buildEndpoints,
  buildLocalEndpoints,
  type Standpoint,
} from "./endpoint.ts";
import { buildFilter, buildFilterConfig } from "./filter-config.ts";
import { type PortView, viewGateway } from "./gateway-view.ts";
import { gatewayScopes, type HeldScope, scopesOf, sidecarScopes } from "./held-scope.ts";
import { buildIdentities } from "./identity.ts";
import { buildListener, type ListenerHeaders } from "./listener.ts";
import { localClusterOf } from "./local-cluster.ts";
import { buildLocalRateLimits } from "./local-rate-limit.ts";
import { buildMeshSecrets, buildServiceAuthorities, type Caller, identityFor } from "./mesh-tls.ts";
import { clusterName, hostName, portName } from "./names.ts";
import { heldLimits, type RuleSite, sitesOf } from "./rate-limit.ts";
import { checkReferences } from "./references.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { buildRouteConfigurations } from "./route.ts";
import { buildInboundListener, buildOutboundListener } from "./sidecar-listener.ts";
import { buildInboundRoutes, buildOutboundRoutes, siteOfItself } from "./sidecar-route.ts";
import { viewSidecar } from "./sidecar-view.ts";
import { buildSecret } from "./tls.ts";
import { unverifiedHeaders } from "./unverified-headers.ts";

/**
 * Intent -> everything one Envoy needs, and nothing else: its listeners and routes, the clusters and endpoints of all
 * versions of the services they reach (a version at weight 0 is warm before it is used) and its filter. Pure, and
 * independent of the order of the intent. Empty for a gateway or sidecar the intent does not have.
 */
export interface BuildOptions {
  /** Path of the compiled filter on Envoy's disk. */
  readonly filterWasm: string;
  /** What the Envoys of this role are to start from; absent: nothing. */
  readonly memory?: CapacityMemory;
  /** Laid over the intent by decisions; absent: none. */
  readonly denials?: readonly Denial[];
  readonly faults?: readonly Fault[];
  /** What the Envoys of this role show in the mesh; absent: nothing, and they take no TLS there. */
  readonly identity?: MeshIdentity;
  /** Where the Envoy is; absent: nobody knows. */
  readonly place?: Locality;
}

export function buildResources(
  policySet: PolicySet,
  role: NodeRole,
  options: BuildOptions,
): EnvoyResource[] {
  const catalog = new Catalog(policySet, options);
  const caller: Caller = { role, identity: options.identity };
  const parts =
    role.role === "gateway"
      ? gatewayParts(policySet, role.name, catalog)
      : sidecarParts(policySet, role.service, { catalog, caller });
  if (parts === undefined) return [];
  const services = withKeyServices(parts.services, policySet, catalog);
  const versions = services.flatMap((service) =>
    service.versions.map((version) => ({ service, version })),
  );
  const at = standpointOf(role, { services, all: policySet.services, place: options.place });
  const filterConfig = buildFilterConfig(parts.scopes, options.memory ?? NO_MEMORY);
  const resources = [
    ...versions.map(({ service, version }) => buildCluster(service, version, { ...caller, ...at })),
    ...versions
      .filter(({ version }) => version.dns === undefined)
      .map(({ service, version }) => buildEndpoints(service, version, at)),
    ...(role.role === "sidecar" ? [buildLocalEndpoints(role.service, at.local)] : []),
    buildFilter(filterConfig, options.filterWasm),
    buildIdentities(policySet.identities, (name) => clusterOfKeys(catalog.service(name))),
    buildDenials(options.denials ?? []),
    ...buildLocalRateLimits(heldLimits(parts.sites, policySet.rateLimits)),
    ...buildMeshSecrets(options.identity),
    ...services.flatMap(buildServiceAuthorities),
    ...parts.own,
  ];
  checkReferences(resources);
  return resources;
}

/** The local cluster is told only where it matters: its endpoints come and go. */
function standpointOf(
  role: NodeRole,
  {
    services,
    all,
    place,
  }: { services: readonly Service[]; all: readonly Service[]; place: Locality | undefined },
): Standpoint {
  const prefersZone = services.some((service) => service.prefersZone === true);
  const local = prefersZone ? localClusterOf(role, all, place) : undefined;
  return { ...(place !== undefined && { place }), ...(local !== undefined && { local }) };
}

/** Whatever a node reaches, and whoever has the keys of the tokens it believes. */
function withKeyServices(
  reached: readonly Service[],
  { identities }: PolicySet,
  catalog: Catalog,
): readonly Service[] {
  const names = identities.flatMap(({ jwks }) => (typeof jwks === "string" ? [] : jwks.service));
  const missing = [...new Set(names)].filter((name) => !reached.some((each) => each.name === name));
  return [...reached, ...missing.sort().map((name) => catalog.service(name))];
}

/** A version that gets requests. */
function clusterOfKeys({ name, versions, weights }: Service): string {
  const version = versions.find((each) => (weights[each.name] ?? 0) > 0) ?? versions[0];
  return clusterName(name, version?.name ?? "");
}

/** What a node of one role has. */
interface Parts {
  readonly scopes: readonly HeldScope[];
  /** All versions of these. */
  readonly services: readonly Service[];
  /** The rules by which requests go on, for the rate limits. */
  readonly sites: readonly RuleSite[];
  /** Listeners, route configurations and what only this role needs. */
  readonly own: readonly EnvoyResource[];
}

function gatewayParts(policySet: PolicySet, name: string, catalog: Catalog): Parts | undefined {
  const view = viewGateway(policySet, name, catalog);
  if (view === undefined) return undefined;
  const { gateway, ports, services } = view;
  const scopes = gatewayScopes(view, policySet.sheddings);
  const headers = headersOf(policySet);
  const own = [
    ...ports.flatMap((port) => buildSecrets(gateway.name, port)),
    ...ports.map((port) => buildListener(gateway, port, headers)),
    ...ports.flatMap((port) => buildRouteConfigurations(gateway.name, port, catalog)),
  ];
  return { scopes, services, sites: sitesOf(view.routes, gateway.name), own };
}

function buildSecrets(gateway: string, { port, hosts }: PortView): EnvoyResource[] {
  return hosts.flatMap(({ hostname, tls }) => {
    const name = hostName(portName(gateway, port), hostname);
    return (tls && buildSecret(tls, name)) ?? [];
  });
}

function sidecarParts(
  policySet: PolicySet,
  name: string,
  { catalog, caller }: { readonly catalog: Catalog; readonly caller: Caller },
): Parts | undefined {
  const view = viewSidecar(policySet, name, catalog);
  if (view === undefined) return undefined;
  const identity = view.service.tls === undefined ? caller.identity : identityFor(name, caller);
  const scopes = sidecarScopes(view, policySet.sheddings);
  const own = [
    buildAppCluster(view.service),
    buildAppEndpoint(view.service, view.sidecar),
    buildInboundListener(view, headersOf(policySet), identity),
    buildOutboundListener(view, headersOf(policySet)),
    buildInboundRoutes(view, catalog),
    buildOutboundRoutes(view, catalog),
  ];
  const sites = [
    ...sitesOf(view.routes),
    ...view.hosts
      .filter(({ routes }) => routes.length === 0)
      .map((host) => siteOfItself(host.service.name)),
  ];
  return { scopes, services: view.services, sites, own };
}

function headersOf({ sheddings }: PolicySet): ListenerHeaders {
  return { stripped: unverifiedHeaders(sheddings), logged: loggedHeaders(sheddings) };
}

/** The filter's configuration of one node, readable; undefined for a role the intent has no work for. */
export function readFilterConfig(policySet: PolicySet, role: NodeRole): JsonObject | undefined {
  const known = rolesOf(policySet).some((each) => roleKey(each) === roleKey(role));
  return known ? buildFilterConfig(scopesOf(policySet, role), NO_MEMORY) : undefined;
}
