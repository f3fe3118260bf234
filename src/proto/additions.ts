/**
 * Fields of Envoy 1.40 that are newer than the `.proto` text the bundle is built from. Numbers and types are those of
 * Envoy's published API at v1.40.0; a real-Envoy test shows each one arriving in `/config_dump`.
 */
export interface Addition {
  readonly message: string;
  readonly field: string;
  readonly number: number;
  readonly type: string;
  readonly since: string;
}

export const ADDED_ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "envoy.extensions.wasm.v3.FailurePolicy": {
    UNSPECIFIED: 0,
    FAIL_RELOAD: 1,
    FAIL_CLOSED: 2,
    FAIL_OPEN: 3,
  },
};

export const ADDED_MESSAGES: readonly string[] = ["envoy.extensions.wasm.v3.ReloadConfig"];

export const ADDITIONS: readonly Addition[] = [
  {
    message: "envoy.extensions.wasm.v3.ReloadConfig",
    field: "backoff",
    number: 1,
    type: "envoy.config.core.v3.BackoffStrategy",
    since: "1.34",
  },
  {
    message: "envoy.extensions.wasm.v3.PluginConfig",
    field: "failure_policy",
    number: 7,
    type: "envoy.extensions.wasm.v3.FailurePolicy",
    since: "1.34",
  },
  {
    message: "envoy.extensions.wasm.v3.PluginConfig",
    field: "reload_config",
    number: 8,
    type: "envoy.extensions.wasm.v3.ReloadConfig",
    since: "1.34",
  },
  {
    message: "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    field: "max_dynamic_descriptors",
    number: 18,
    type: "google.protobuf.UInt32Value",
    since: "1.34",
  },
];
