/**
 * Fields of Envoy 1.40 that are newer than the `.proto` text the bundle is built from. Numbers and types are those of
 * Envoy's published API at v1.40.0; a real-Envoy test shows each one of a configuration arriving in `/config_dump`.
 */
export interface Addition {
  readonly message: string;
  readonly field: string;
  readonly number: number;
  readonly type: string;
  readonly since: string;
  readonly isRepeated?: boolean;
}

export const ADDED_ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "envoy.config.rbac.v3.MetadataSource": { DYNAMIC: 0, ROUTE: 1 },
  "envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis":
    { HEALTHY_HOSTS_NUM: 0, HEALTHY_HOSTS_WEIGHT: 1 },
  "envoy.extensions.wasm.v3.FailurePolicy": {
    UNSPECIFIED: 0,
    FAIL_RELOAD: 1,
    FAIL_CLOSED: 2,
    FAIL_OPEN: 3,
  },
};

export const ADDED_MESSAGES: readonly string[] = [
  "envoy.config.rbac.v3.SourcedMetadata",
  "envoy.extensions.wasm.v3.ReloadConfig",
  "envoy.service.discovery.v3.ResourceError",
];

export const ADDITIONS: readonly Addition[] = [
  {
    message: "envoy.config.route.v3.WeightedCluster",
    field: "use_hash_policy",
    number: 5,
    type: "google.protobuf.BoolValue",
    since: "1.36",
  },
  {
    message: "envoy.config.rbac.v3.SourcedMetadata",
    field: "metadata_matcher",
    number: 1,
    type: "envoy.type.matcher.v3.MetadataMatcher",
    since: "1.33",
  },
  {
    message: "envoy.config.rbac.v3.SourcedMetadata",
    field: "metadata_source",
    number: 2,
    type: "envoy.config.rbac.v3.MetadataSource",
    since: "1.33",
  },
  {
    message: "envoy.config.rbac.v3.Permission",
    field: "sourced_metadata",
    number: 14,
    type: "envoy.config.rbac.v3.SourcedMetadata",
    since: "1.33",
  },
  {
    message: "envoy.config.rbac.v3.Principal",
    field: "sourced_metadata",
    number: 13,
    type: "envoy.config.rbac.v3.SourcedMetadata",
    since: "1.33",
  },
  {
    message: "envoy.extensions.wasm.v3.ReloadConfig",
    field: "backoff",
    number: 1,
    type: "envoy.config.core.v3.BackoffStrategy",
    since: "1.32",
  },
  {
    message: "envoy.extensions.wasm.v3.PluginConfig",
    field: "failure_policy",
    number: 7,
    type: "envoy.extensions.wasm.v3.FailurePolicy",
    since: "1.32",
  },
  {
    message: "envoy.extensions.wasm.v3.PluginConfig",
    field: "reload_config",
    number: 8,
    type: "envoy.extensions.wasm.v3.ReloadConfig",
    since: "1.32",
  },
  {
    message: "envoy.service.discovery.v3.ResourceError",
    field: "resource_name",
    number: 1,
    type: "envoy.service.discovery.v3.ResourceName",
    since: "1.32",
  },
  {
    message: "envoy.service.discovery.v3.ResourceError",
    field: "error_detail",
    number: 2,
    type: "google.rpc.Status",
    since: "1.32",
  },
  {
    message: "envoy.service.discovery.v3.DiscoveryResponse",
    field: "resource_errors",
    number: 7,
    type: "envoy.service.discovery.v3.ResourceError",
    since: "1.32",
    isRepeated: true,
  },
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryResponse",
    field: "resource_errors",
    number: 9,
    type: "envoy.service.discovery.v3.ResourceError",
    since: "1.32",
    isRepeated: true,
  },
  {
    message: "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    field: "max_dynamic_descriptors",
    number: 18,
    type: "google.protobuf.UInt32Value",
    since: "1.34",
  },
  {
    message:
      "envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig",
    field: "locality_basis",
    number: 6,
    type: "envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis",
    since: "1.36",
  },
];
