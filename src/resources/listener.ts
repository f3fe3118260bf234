import type { Gateway } from "../policy/policy-set.ts";
import { LISTENER_TYPE } from "../proto/type-url.ts";
import { accessLog } from "./access-log.ts";
import { FROM_ADS_REQUIRED } from "./config-source.ts";
import { globalRateLimits } from "./global-rate-limit.ts";
import { LOCAL_LIMIT_FILTER, LOCAL_SHADOW_FILTER, portName, SHEDDING_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * One Envoy listener per port of a gateway; the gateway's listeners of that port are told apart by hostname, in the
 * route configuration. Changing a listener drains its connections, so everything that moves lives elsewhere: routes in
 * RDS, the shedding filter's configuration in ECDS. Hence also the filter stands in every listener, even while no
 * Shedding holds this gateway: with nothing to do its callbacks cost about 5 microseconds of CPU a request, less than the
 * drain that the first Shedding would cause in the middle of an overload. The same holds for the rate limits.
 * A listener opens only with its routes and its filter: without them it would answer 404 and 500. While it waits for
 * new ones, Envoy serves with the old.
 * `stripped`: headers that nobody may send in; they are gone before routes and filters look.
 */
export function buildListener(
  gateway: Gateway,
  port: number,
  stripped: readonly string[],
): EnvoyResource {
  const name = portName(gateway.name, port);
  const [first = "0.0.0.0", ...others] = gateway.addresses;
  const body = {
    name,
    address: addressJson(first, port),
    ...(others.length > 0 && {
      additional_addresses: others.map((address) => ({ address: addressJson(address, port) })),
    }),
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: connectionManagerJson(name, stripped),
          },
        ],
      },
    ],
  };
  return { typeUrl: LISTENER_TYPE, name, body };
}

function addressJson(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}

function connectionManagerJson(name: string, stripped: readonly string[]): JsonObject {
  return {
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: name,
    rds: { config_source: FROM_ADS_REQUIRED, route_config_name: name },
    // A request above a rate goes before the shedding filter sees it: its answer is no sample of the service.
    http_filters: [
      discovered(LOCAL_SHADOW_FILTER, LOCAL_LIMIT),
      discovered(LOCAL_LIMIT_FILTER, LOCAL_LIMIT),
      ...globalRateLimits(),
      discovered(SHEDDING_FILTER, "envoy.extensions.filters.http.wasm.v3.Wasm"),
      routerFilter(),
    ],
    access_log: [accessLog()],
    early_header_mutation_extensions: [stripping(stripped)],
    // The peer is the client: it may not say who it is by x-forwarded-for, nor steer Envoy by x-envoy headers.
    use_remote_address: true,
    // `/a/../pay` and `//pay` are /pay, for the routes and for the filter's tiers alike.
    normalize_path: true,
    merge_slashes: true,
  };
}

function stripping(headers: readonly string[]): JsonObject {
  return {
    name: "envoy.http.early_header_mutation.header_mutation",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
      mutations: headers.map((remove) => ({ remove })),
    },
  };
}

const LOCAL_LIMIT = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";

function discovered(name: string, message: string): JsonObject {
  return {
    name,
    config_discovery: {
      config_source: FROM_ADS_REQUIRED,
      type_urls: [`type.googleapis.com/${message}`],
    },
  };
}

function routerFilter(): JsonObject {
  return {
    name: "envoy.filters.http.router",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
    },
  };
}
