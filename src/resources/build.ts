import { type CapacityMemory, NO_MEMORY } from "../decide/capacity-memory.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { Catalog } from "./catalog.ts";
import { buildCluster } from "./cluster.ts";
import { buildEndpoints } from "./endpoint.ts";
import { buildFilter, buildFilterConfig } from "./filter-config.ts";
import { viewGateway } from "./gateway-view.ts";
import { heldScopes, scopesOfGateway } from "./held-scope.ts";
import { buildListener } from "./listener.ts";
import { buildLocalRateLimits } from "./local-rate-limit.ts";
import { heldLimits } from "./rate-limit.ts";
import { checkReferences } from "./references.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { buildRouteConfiguration } from "./route.ts";
import { unverifiedHeaders } from "./unverified-headers.ts";

/**
 * Intent -> everything one Envoy needs, and nothing else: its listeners and routes, the clusters and endpoints of all
 * versions of the services they reach (a version at weight 0 is warm before it is used) and its filter. Pure, and
 * independent of the order of the intent. Empty for a gateway the intent does not have.
 */
export interface BuildOptions {
  /** Path of the compiled filter on Envoy's disk. */
  readonly filterWasm: string;
  /** What the gateway's Envoys are to start from; absent: nothing. */
  readonly memory?: CapacityMemory;
}

export function buildResources(
  policySet: PolicySet,
  role: NodeRole,
  options: BuildOptions,
): EnvoyResource[] {
  const catalog = new Catalog(policySet);
  const view = viewGateway(policySet, role, catalog);
  if (view === undefined) return [];
  const { gateway, ports, services } = view;
  const versions = services.flatMap((service) =>
    service.versions.map((version) => ({ service, version })),
  );
  const scopes = heldScopes(view, policySet.sheddings);
  const filterConfig = buildFilterConfig(scopes, options.memory ?? NO_MEMORY);
  const stripped = unverifiedHeaders(scopes);
  const resources = [
    ...versions.map(({ service, version }) => buildCluster(service, version)),
    ...versions.map(({ service, version }) => buildEndpoints(service, version)),
    buildFilter(filterConfig, options.filterWasm),
    ...buildLocalRateLimits(heldLimits(view, policySet.rateLimits)),
    ...ports.map(({ port }) => buildListener(gateway, port, stripped)),
    ...ports.map((port) => buildRouteConfiguration(gateway.name, port, catalog)),
  ];
  checkReferences(resources);
  return resources;
}

/** The filter's configuration of one node, readable; undefined for a gateway the intent does not have. */
export function readFilterConfig(policySet: PolicySet, { name }: NodeRole): JsonObject | undefined {
  if (!policySet.gateways.some((gateway) => gateway.name === name)) return undefined;
  return buildFilterConfig(scopesOfGateway(policySet, name), NO_MEMORY);
}
