/** Type URLs of the resources an xDS server carries, and the prefix they share. */
export const TYPE_URL_PREFIX = "type.googleapis.com/";

export const CLUSTER_TYPE = `${TYPE_URL_PREFIX}envoy.config.cluster.v3.Cluster`;
export const ENDPOINT_TYPE = `${TYPE_URL_PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`;
export const LISTENER_TYPE = `${TYPE_URL_PREFIX}envoy.config.listener.v3.Listener`;
export const ROUTE_TYPE = `${TYPE_URL_PREFIX}envoy.config.route.v3.RouteConfiguration`;
export const SCOPED_ROUTE_TYPE = `${TYPE_URL_PREFIX}envoy.config.route.v3.ScopedRouteConfiguration`;
export const EXTENSION_CONFIG_TYPE = `${TYPE_URL_PREFIX}envoy.config.core.v3.TypedExtensionConfig`;
export const SECRET_TYPE = `${TYPE_URL_PREFIX}envoy.extensions.transport_sockets.tls.v3.Secret`;
export const RUNTIME_TYPE = `${TYPE_URL_PREFIX}envoy.service.runtime.v3.Runtime`;

/** `type.googleapis.com/a.b.C` -> `a.b.C`; a bare name stays. */
export function messageName(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}
