import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  RUNTIME_TYPE,
  SCOPED_ROUTE_TYPE,
  SECRET_TYPE,
} from "../proto/type-url.ts";

/**
 * What the protocol says about each resource type, as data. A type that is not in this table is unsupported.
 * - `isWildcard`: a first request without names asks for everything (the legacy form; `*` works for every type).
 * - `isFullState`: a state-of-the-world response of this type names everything, so absence deletes.
 * - `isRemovable`: a delta removal may be sent. ECDS is not: a client subscribes to an extension because a listener
 *   refers to it, and Envoy answers a removed extension with status 500; it drops the extension with its listener.
 *
 * Scoped routes are whole like listeners and clusters: Envoy asks for all of them without a name, and in state of the world
 * it drops the scopes that a response leaves out.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol
 */
export interface ResourceType {
  readonly typeUrl: string;
  /** Full name of the type's own gRPC service, for clients that do not aggregate. */
  readonly service: string;
  readonly isWildcard: boolean;
  readonly isFullState: boolean;
  readonly isRemovable: boolean;
}

const WHOLE = { isWildcard: true, isFullState: true, isRemovable: true };
const NAMED = { isWildcard: false, isFullState: false, isRemovable: true };

export const RESOURCE_TYPES: readonly ResourceType[] = [
  {
    typeUrl: CLUSTER_TYPE,
    service: "envoy.service.cluster.v3.ClusterDiscoveryService",
    ...WHOLE,
  },
  {
    typeUrl: ENDPOINT_TYPE,
    service: "envoy.service.endpoint.v3.EndpointDiscoveryService",
    ...NAMED,
  },
  {
    typeUrl: LISTENER_TYPE,
    service: "envoy.service.listener.v3.ListenerDiscoveryService",
    ...WHOLE,
  },
  {
    typeUrl: ROUTE_TYPE,
    service: "envoy.service.route.v3.RouteDiscoveryService",
    ...NAMED,
  },
  {
    typeUrl: SCOPED_ROUTE_TYPE,
    service: "envoy.service.route.v3.ScopedRoutesDiscoveryService",
    ...WHOLE,
  },
  {
    typeUrl: EXTENSION_CONFIG_TYPE,
    service: "envoy.service.extension.v3.ExtensionConfigDiscoveryService",
    ...NAMED,
    isRemovable: false,
  },
  {
    typeUrl: SECRET_TYPE,
    service: "envoy.service.secret.v3.SecretDiscoveryService",
    ...NAMED,
  },
  {
    typeUrl: RUNTIME_TYPE,
    service: "envoy.service.runtime.v3.RuntimeDiscoveryService",
    ...NAMED,
  },
];

const byUrl = new Map(RESOURCE_TYPES.map((type) => [type.typeUrl, type]));

export function findResourceType(typeUrl: string): ResourceType | undefined {
  return byUrl.get(typeUrl);
}
