import type { Endpoint, Locality } from "../policy/intent/endpoint.ts";
import type { Service } from "../policy/intent/service.ts";
import { nameOf } from "../policy/locality.ts";
import type { NodeRole } from "../policy/node-role.ts";

/**
 * The sidecars of a Service in the region of one of them: Envoy's local cluster, by which its zone-aware routing knows what share of
 * the region's calls comes from each zone. A zone keeps its calls as far as its share of the endpoints goes; the rest
 * goes to zones that have room. So a Service that prefers zones is reached in the zone first, and none is overloaded.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/zone_aware
 */
export interface LocalCluster {
  readonly place: Locality;
  /** Of the place's region; who takes no requests makes no calls. */
  readonly endpoints: readonly Endpoint[];
}

/** Undefined: a gateway, or nobody wrote that the node's Service has endpoints where it is. */
export function localClusterOf(
  role: NodeRole,
  services: readonly Service[],
  place: Locality | undefined,
): LocalCluster | undefined {
  if (role.role === "gateway" || place === undefined || place.zone === "") return undefined;
  const own = services.find(({ name }) => name === role.service);
  const endpoints = (own?.versions ?? [])
    .flatMap((version) => version.endpoints)
    .filter(({ locality }) => locality?.region === place.region)
    .filter(({ weight, health }) => weight > 0 && health !== "draining" && health !== "unhealthy")
    .map(({ health: _, ...counted }) => counted);
  const isThere = endpoints.some(({ locality }) => locality?.zone === place.zone);
  return isThere ? { place, endpoints } : undefined;
}

/** Whether calls of these sidecars to a Service are balanced by zone, and not by priority of zones. */
export function isZoneAware(
  { prefersZone }: Pick<Service, "prefersZone">,
  local: LocalCluster | undefined,
): boolean {
  return prefersZone === true && local !== undefined;
}

/** `region/zone` to its share of the region's callers. */
export function callerShares({ endpoints }: LocalCluster): ReadonlyMap<string, number> {
  const whole = endpoints.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<string, number>();
  for (const { locality, weight } of endpoints) {
    if (locality === undefined) continue;
    shares.set(nameOf(locality), (shares.get(nameOf(locality)) ?? 0) + weight / whole);
  }
  return shares;
}
