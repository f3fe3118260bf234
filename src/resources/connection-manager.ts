import { accessLogs } from "./access-log.ts";
import { FROM_ADS_REQUIRED } from "./config-source.ts";
import { corsFilter } from "./cors.ts";
import { faultFilter } from "./fault.ts";
import { globalRateLimits } from "./global-rate-limit.ts";
import {
  DENIAL_FILTER,
  IDENTITY_FILTER,
  LOCAL_LIMIT_FILTER,
  LOCAL_SHADOW_FILTER,
  SHEDDING_FILTER,
} from "./names.ts";
import type { JsonObject } from "./resource.ts";
import { TIER_HEADER } from "./unverified-headers.ts";

/**
 * The HTTP connection manager of a filter chain: where its routes come from, its filters, and what its peers are believed.
 * The shedding filter stands in every one, even while no Shedding is held: with nothing to do its callbacks cost about 5
 * microseconds of CPU a request, less than the drain that the first Shedding would cause in the middle of an overload. The
 * same holds for the rate limits.
 */
export interface ConnectionManagerOptions {
  /** Route configuration, and prefix of the statistics. */
  readonly name: string;
  readonly peer: Peer;
  /** Request headers the access log carries. */
  readonly logged: readonly string[];
}

/**
 * - `client`: anybody. It may not say who it is by x-forwarded-for, steer Envoy by x-envoy headers, name the request or send a
 *   header that counts from the mesh only.
 * - `unverified`: most likely an Envoy of the mesh, but nothing shows it. As a client, only the request keeps its id, so that
 *   logs and cohorts are the same on every hop.
 * - `verified`: believed in all.
 * - `certified`: the same, and the next one is told by its certificate who it is (x-forwarded-client-cert).
 */
export type Peer =
  | { readonly kind: "client" | "unverified"; readonly stripped: readonly string[] }
  | { readonly kind: "verified" | "certified" };

export function connectionManager({ name, peer, logged }: ConnectionManagerOptions): JsonObject {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      stat_prefix: name,
      rds: { config_source: FROM_ADS_REQUIRED, route_config_name: name },
      // A request above a rate goes before the shedding filter sees it: its answer is no sample of the service.
      http_filters: [
        corsFilter(),
        discovered(IDENTITY_FILTER, "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"),
        discovered(DENIAL_FILTER, "envoy.extensions.filters.http.rbac.v3.RBAC"),
        discovered(LOCAL_SHADOW_FILTER, LOCAL_LIMIT),
        discovered(LOCAL_LIMIT_FILTER, LOCAL_LIMIT),
        ...globalRateLimits(),
        faultFilter(),
        discovered(SHEDDING_FILTER, "envoy.extensions.filters.http.wasm.v3.Wasm"),
        routerFilter(),
      ],
      access_log: accessLogs(logged),
      ...peerJson(peer),
      // `/a/../pay` and `//pay` are /pay, for the routes and for the filter's tiers alike.
      normalize_path: true,
      merge_slashes: true,
    },
  };
}

function peerJson(peer: Peer): JsonObject {
  if ("stripped" in peer) {
    return {
      ...mutating(peer.stripped.map((remove) => ({ remove }))),
      use_remote_address: true,
      ...(peer.kind === "unverified" && { preserve_external_request_id: true }),
    };
  }
  return {
    ...mutating([ONE_TIER]),
    use_remote_address: false,
    ...(peer.kind === "certified" && NAMING_PEER),
  };
}

/** What others claimed is taken off, as everywhere. */
const NAMING_PEER: JsonObject = {
  forward_client_cert_details: "SANITIZE_SET",
  set_current_client_cert_details: { uri: true },
};

/** The filter judges the first of several; the next hop must not see another one. */
const ONE_TIER: JsonObject = {
  append: {
    header: { key: TIER_HEADER, value: `%REQ(${TIER_HEADER})%` },
    append_action: "OVERWRITE_IF_EXISTS",
  },
};

/** Before routes and filters look: what a route removes is still there when the filter judges. */
function mutating(mutations: readonly JsonObject[]): JsonObject {
  return {
    early_header_mutation_extensions: [
      {
        name: "envoy.http.early_header_mutation.header_mutation",
        typed_config: {
          "@type":
            "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
          mutations,
        },
      },
    ],
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
