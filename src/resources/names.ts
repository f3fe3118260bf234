import type { Route } from "../policy/intent/route.ts";
import type { Service } from "../policy/intent/service.ts";

/**
 * Names that cross a border: Envoy's statistics, the filter's scopes and the operator's eye all find a thing by its
 * name, so a name depends on nothing but the intent's own names and never on order or position.
 */

/** Value of `xds.cluster_name` for requests this version serves, e.g. `checkout.v41`. */
export function clusterName(service: string, version: string): string {
  return `${service}.${version}`;
}

/** Clusters of all versions, in the order the service lists them. */
export function clusterNames(service: Service): string[] {
  return service.versions.map((version) => clusterName(service.name, version.name));
}

/** Listener, its RouteConfiguration and its `stat_prefix`; no character that Envoy would rewrite in statistics. */
export function portName(gateway: string, port: number): string {
  return `${gateway}_${port}`;
}

/** Filter chain, RouteConfiguration and secret of one host of a port with TLS; no hostname has the `_` that stands for `*`. */
export function hostName(port: string, hostname: string): string {
  return `${port}_${hostname.replace("*", "_")}`;
}

/** Cluster, and value of `xds.cluster_name` at its sidecar, of the instance itself: a version's cluster has a dot. */
export function appName(service: string): string {
  return `${service}_app`;
}

/** Cluster of the bootstrap, and its assignment: the sidecars of a service, for their zone-aware routing. */
export function localName(service: string): string {
  return `${service}_local`;
}

/** Listener of a sidecar, its RouteConfiguration and its `stat_prefix`. */
export function sideName(service: string, side: "inbound" | "outbound", port: number): string {
  return portName(`${service}_${side}`, port);
}

/** Value of `xds.route_name` where no route of the intent is at work: at a sidecar, to its instance or to a Service. */
export function serviceRouteName(service: string): string {
  return `Service/${service}`;
}

/** Value of `xds.route_name` for every rule of one route. */
export function routeName({ kind, name }: Pick<Route, "kind" | "name">): string {
  return `${kind}/${name}`;
}

/** ECDS resource, HTTP filter and wasm plugin of the shedding filter: one per node. */
export const SHEDDING_FILTER = "qmesh.shedding";

/** ECDS resource and HTTP filter of whose tokens are believed. */
export const IDENTITY_FILTER = "qmesh.identities";

/** ECDS resource and HTTP filter of what is refused for now. */
export const DENIAL_FILTER = "qmesh.denials";

/** ECDS resources and HTTP filters of Envoy's local rate limit, and their `stat_prefix`. */
export const LOCAL_LIMIT_FILTER = "qmesh_local_limit";
export const LOCAL_SHADOW_FILTER = "qmesh_local_limit_shadow";

/** Secrets of one role: the certificate its Envoys show in the mesh, and whom they believe there. */
export const MESH_CERTIFICATE = "qmesh_mesh_certificate";
export const MESH_AUTHORITIES = "qmesh_mesh_authorities";

/** Secret: whom a Service outside the mesh must be certified by. */
export function authoritiesName(service: string): string {
  return `${service}_authorities`;
}

/** The bootstrap's own clusters, which lead to the control plane. */
export const XDS_CLUSTER = "qmesh_xds";
export const RATE_LIMIT_CLUSTER = "qmesh_rate_limit";
