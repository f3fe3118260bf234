import type { Endpoint, Locality } from "../policy/intent/endpoint.ts";
import type { Service, ServiceVersion, Sidecar } from "../policy/intent/service.ts";
import { ENDPOINT_TYPE } from "../proto/type-url.ts";
import { rankOf } from "./locality-rank.ts";
import { shift, type Weighed } from "./locality-shift.ts";
import { appName, clusterName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { total } from "./split.ts";

/**
 * The endpoints of one version by locality, for an Envoy at `place`. A locality weighs the sum of its endpoints, so that traffic
 * spreads by endpoint until a decision shifts it. Envoy knows no weight 0: such an endpoint is left out. So is one that
 * drains: to Envoy its requests in flight are as dear either way, and marked as draining it would get new ones once more
 * than half of its locality drains (docs/decisions/0031-draining-endpoints-are-left-out.md). No endpoint at all is an explicit
 * empty assignment; with none the cluster would wait for one.
 */
export function buildEndpoints(
  service: Service,
  version: ServiceVersion,
  place: Locality | undefined,
): EnvoyResource {
  const name = clusterName(service.name, version.name);
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of version.endpoints) {
    if (endpoint.weight === 0 || endpoint.health === "draining") continue;
    const key = JSON.stringify([endpoint.locality?.region ?? "", endpoint.locality?.zone ?? ""]);
    groups.set(key, [...(groups.get(key) ?? []), endpoint]);
  }
  const localities = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const ranks = localities.map(([first]) => rankOf(first?.locality, place, service));
  const entries = localities.map((endpoints, at) => ({
    endpoints,
    locality: endpoints[0]?.locality,
    priority: (ranks[at] ?? 0) - Math.min(...ranks),
    weight: total(endpoints),
  }));
  const shifted = shift(entries, service.shifts ?? []);
  // Envoy wants priorities without a gap.
  const steps = [...new Set(shifted.map(({ priority }) => priority))].sort((a, b) => a - b);
  const body = {
    cluster_name: name,
    endpoints: shifted.map((entry) => localityJson(entry, steps.indexOf(entry.priority))),
  };
  return { typeUrl: ENDPOINT_TYPE, name, body };
}

export function buildAppEndpoint({ name: service }: Service, { app }: Sidecar): EnvoyResource {
  const name = appName(service);
  const body = {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [endpointJson({ ...app, weight: 1 })] }],
  };
  return { typeUrl: ENDPOINT_TYPE, name, body };
}

function localityJson(
  { endpoints, locality, weight }: Weighed & { readonly endpoints: readonly Endpoint[] },
  priority: number,
): JsonObject {
  return {
    ...(locality !== undefined && {
      locality: { region: locality.region, zone: locality.zone },
    }),
    lb_endpoints: endpoints.map(endpointJson),
    load_balancing_weight: weight,
    ...(priority > 0 && { priority }),
  };
}

function endpointJson({ host, port, weight, health }: Endpoint): JsonObject {
  return {
    endpoint: { address: { socket_address: { address: host, port_value: port } } },
    load_balancing_weight: weight,
    ...(health !== undefined && { health_status: health.toUpperCase() }),
  };
}
