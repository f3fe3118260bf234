import type { Endpoint, Locality } from "../policy/intent/endpoint.ts";
import type { Service, ServiceVersion, Sidecar } from "../policy/intent/service.ts";
import { ENDPOINT_TYPE } from "../proto/type-url.ts";
import { isZoneAware, type LocalCluster } from "./local-cluster.ts";
import { rankOf } from "./locality-rank.ts";
import { shift, type Weighed } from "./locality-shift.ts";
import { appName, clusterName, localName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { total } from "./split.ts";

/** Where an Envoy is, as far as anybody knows. */
export interface Standpoint {
  readonly place?: Locality;
  readonly local?: LocalCluster;
}

/**
 * The endpoints of one version by locality, for an Envoy at one place. A locality weighs the sum of its endpoints, so that traffic
 * spreads by endpoint until a decision shifts it. Envoy knows no weight 0: such an endpoint is left out. So is one that
 * drains: to Envoy its requests in flight are as dear either way, and marked as draining it would get new ones once more
 * than half of its locality drains (docs/decisions/0031-draining-endpoints-are-left-out.md). No endpoint at all is an explicit
 * empty assignment; with none the cluster would wait for one.
 */
export function buildEndpoints(
  service: Service,
  version: ServiceVersion,
  { place, local }: Standpoint,
): EnvoyResource {
  const name = clusterName(service.name, version.name);
  const byZone = isZoneAware(service, local) ? local : undefined;
  const zones = byZone === undefined ? "ranked" : "alike";
  const localities = byLocality(version.endpoints);
  const ranks = localities.map(([first]) => rankOf(first?.locality, place, service, zones));
  const entries = localities.map((endpoints, at) => ({
    endpoints,
    locality: endpoints[0]?.locality,
    priority: (ranks[at] ?? 0) - Math.min(...ranks),
    weight: total(endpoints),
  }));
  const shifted = shift(entries, service.shifts ?? [], byZone).map((entry) =>
    byZone === undefined ? entry : { ...entry, endpoints: reweighed(entry) },
  );
  // Envoy wants priorities without a gap.
  const steps = [...new Set(shifted.map(({ priority }) => priority))].sort((a, b) => a - b);
  const body = {
    cluster_name: name,
    endpoints: shifted.map((entry) => localityJson(entry, steps.indexOf(entry.priority))),
  };
  return { typeUrl: ENDPOINT_TYPE, name, body };
}

/** The local cluster's assignment; empty where no call is balanced by it. */
export function buildLocalEndpoints(
  service: string,
  local: LocalCluster | undefined,
): EnvoyResource {
  const name = localName(service);
  const endpoints = byLocality(local?.endpoints ?? []).map((group) => ({
    ...{ endpoints: group, locality: group[0]?.locality, priority: 0, weight: total(group) },
  }));
  const body = { cluster_name: name, endpoints: endpoints.map((each) => localityJson(each, 0)) };
  return { typeUrl: ENDPOINT_TYPE, name, body };
}

/** In order of locality, without those that get nothing. */
function byLocality(all: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of all) {
    if (endpoint.weight === 0 || endpoint.health === "draining") continue;
    const key = JSON.stringify([endpoint.locality?.region ?? "", endpoint.locality?.zone ?? ""]);
    groups.set(key, [...(groups.get(key) ?? []), endpoint]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

type Entry = Weighed & { readonly endpoints: readonly Endpoint[] };

/** Balanced by zone, a locality weighs what its endpoints weigh together. */
function reweighed({ endpoints, weight }: Entry): readonly Endpoint[] {
  const whole = total(endpoints);
  if (weight === whole) return endpoints;
  return endpoints.map((each) => ({
    ...each,
    weight: Math.max(1, Math.round((each.weight * weight) / whole)),
  }));
}

export function buildAppEndpoint({ name: service }: Service, { app }: Sidecar): EnvoyResource {
  const name = appName(service);
  const body = {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [endpointJson({ ...app, weight: 1 })] }],
  };
  return { typeUrl: ENDPOINT_TYPE, name, body };
}

function localityJson({ endpoints, locality, weight }: Entry, priority: number): JsonObject {
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
