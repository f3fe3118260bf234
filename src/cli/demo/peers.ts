import type { JsonObject } from "../../resources/resource.ts";

/**
 * Listeners of the same Envoy for what ours is compared with: the same service, the same route timeout, circuit breakers
 * at 100,000 so that Envoy's default of 1,024 does not shed for them. Fields are Envoy 1.40's.
 */
const CLUSTER = "peer_service";
const HTTP_FILTERS = "type.googleapis.com/envoy.extensions.filters.http";

export function peerCluster(port: number, name = CLUSTER): JsonObject {
  const many = 100_000;
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    circuit_breakers: {
      thresholds: [
        {
          max_connections: many,
          max_pending_requests: many,
          max_requests: many,
          max_retries: many,
        },
      ],
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: [
            {
              endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } },
            },
          ],
        },
      ],
    },
  };
}

/** A listener on a free loopback port with `filters` before the route to the service. */
export function peerListener(name: string, filters: readonly JsonObject[]): JsonObject {
  return listener(name, filters, { route: { cluster: CLUSTER, timeout: "0.5s" } });
}

/** The same, answering 200 by itself. */
export function directListener(name: string, filters: readonly JsonObject[]): JsonObject {
  return listener(name, filters, {
    direct_response: { status: 200, body: { inline_string: "ok" } },
  });
}

/**
 * A listener that stands for a caller: to `cluster`, three more attempts of 250 ms each after a failed one, each saying
 * which it is. `isCounted` false leaves that header out.
 */
export function callerListener(name: string, cluster: string, isCounted: boolean): JsonObject {
  const retries = { retry_on: "5xx,reset", num_retries: 3, per_try_timeout: "0.25s" };
  const action = { route: { cluster, timeout: "1s", retry_policy: retries } };
  return listener(name, [], action, { include_request_attempt_count: isCounted });
}

function listener(
  name: string,
  filters: readonly JsonObject[],
  action: JsonObject,
  host: JsonObject = {},
): JsonObject {
  return {
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              stat_prefix: name,
              route_config: {
                name,
                virtual_hosts: [
                  {
                    ...host,
                    name: "all",
                    domains: ["*"],
                    routes: [{ match: { prefix: "/" }, ...action }],
                  },
                ],
              },
              http_filters: [
                ...filters,
                {
                  name: "envoy.filters.http.router",
                  typed_config: { "@type": `${HTTP_FILTERS}.router.v3.Router` },
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

/** Envoy's gradient controller as its documentation configures it. */
export function adaptiveConcurrency(options: {
  readonly percentile: number;
  readonly bufferPercent: number;
  readonly minRttIntervalSeconds: number;
}): JsonObject {
  return {
    name: "envoy.filters.http.adaptive_concurrency",
    typed_config: {
      "@type": `${HTTP_FILTERS}.adaptive_concurrency.v3.AdaptiveConcurrency`,
      gradient_controller_config: {
        sample_aggregate_percentile: { value: options.percentile },
        concurrency_limit_params: { concurrency_update_interval: "0.1s" },
        min_rtt_calc_params: {
          jitter: { value: 10 },
          interval: `${options.minRttIntervalSeconds}s`,
          request_count: 50,
          buffer: { value: options.bufferPercent },
        },
      },
      enabled: { default_value: true, runtime_key: "adaptive_concurrency.enabled" },
    },
  };
}

/** The example of Envoy's documentation. */
export const ADAPTIVE_DOCS = {
  percentile: 90,
  bufferPercent: 25,
  minRttIntervalSeconds: 60,
} as const;

/** Best of a sweep over percentile, buffer and interval in virtual time: median, wide buffer. */
export const ADAPTIVE_TUNED = {
  percentile: 50,
  bufferPercent: 100,
  minRttIntervalSeconds: 60,
} as const;

/** Client-side throttling by success rate, at its defaults but for a window that fits a short run. */
export function admissionControl(): JsonObject {
  return {
    name: "envoy.filters.http.admission_control",
    typed_config: {
      "@type": `${HTTP_FILTERS}.admission_control.v3.AdmissionControl`,
      enabled: { default_value: true, runtime_key: "admission_control.enabled" },
      sampling_window: "10s",
      sr_threshold: { default_value: { value: 95 }, runtime_key: "admission_control.sr_threshold" },
      aggression: { default_value: 1, runtime_key: "admission_control.aggression" },
      success_criteria: { http_criteria: { http_success_status: [{ start: 100, end: 400 }] } },
    },
  };
}
