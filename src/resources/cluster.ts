import type { Service, ServiceVersion } from "../policy/intent/service.ts";
import { toDuration } from "../proto/duration.ts";
import { CLUSTER_TYPE } from "../proto/type-url.ts";
import { FROM_ADS } from "./config-source.ts";
import { isZoneAware, type LocalCluster } from "./local-cluster.ts";
import { type Caller, serviceTransport } from "./mesh-tls.ts";
import { appName, clusterName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * One cluster per version of a service, by EDS unless a name is to be resolved: endpoints come and go without touching the cluster, whose change would
 * drain its connections. For the same reason locality weights are on from the start. What the intent leaves out is
 * Envoy's default, except: least-request balancing, which sends less to an endpoint that slows down.
 */
export function buildCluster(
  service: Service,
  version: ServiceVersion,
  { local, ...caller }: Caller & { readonly local?: LocalCluster },
): EnvoyResource {
  const name = clusterName(service.name, version.name);
  const body = {
    name,
    ...discoveryJson(name, version),
    connect_timeout: "1s",
    ...(isZoneAware(service, local) ? BY_ZONE : BY_WEIGHT),
    typed_extension_protocol_options: protocolJson(service.protocol),
    ...circuitBreakerJson(service),
    ...outlierJson(service),
    ...healthCheckJson(service),
    ...serviceTransport(service, caller),
  };
  return { typeUrl: CLUSTER_TYPE, name, body };
}

const BY_WEIGHT: JsonObject = {
  lb_policy: "LEAST_REQUEST",
  common_lb_config: { locality_weighted_lb_config: {} },
};

const LEAST_REQUEST = "envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest";

/**
 * However few the endpoints: who prefers zones means it. A zone that lives gets the calls of those that died, as it would by
 * priority; only with none left Envoy tries those that look dead.
 */
const BY_ZONE: JsonObject = {
  load_balancing_policy: {
    policies: [
      {
        typed_extension_config: {
          name: "envoy.load_balancing_policies.least_request",
          typed_config: {
            "@type": `type.googleapis.com/${LEAST_REQUEST}`,
            locality_lb_config: {
              zone_aware_lb_config: { min_cluster_size: 1, locality_basis: "HEALTHY_HOSTS_WEIGHT" },
            },
          },
        },
      },
    ],
  },
  common_lb_config: { healthy_panic_threshold: { value: 1 } },
};

/** Endpoints that Envoy is told, or a name it resolves itself: every 5 s, or as the answer of DNS says. */
function discoveryJson(name: string, { dns }: ServiceVersion): JsonObject {
  if (dns === undefined) return { type: "EDS", eds_cluster_config: { eds_config: FROM_ADS } };
  const address = { socket_address: { address: dns.host, port_value: dns.port } };
  return {
    type: "STRICT_DNS",
    respect_dns_ttl: true,
    // IPv6 first, Envoy's default, would leave out instances that only IPv4 reaches.
    dns_lookup_family: "V4_PREFERRED",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }], load_balancing_weight: 1 }],
    },
  };
}

/** The instance itself, behind its sidecar: one address, so nothing to balance, eject or check. */
export function buildAppCluster(service: Service): EnvoyResource {
  const name = appName(service.name);
  const body = {
    name,
    type: "EDS",
    eds_cluster_config: { eds_config: FROM_ADS },
    connect_timeout: "1s",
    typed_extension_protocol_options: protocolJson(service.protocol),
    ...circuitBreakerJson(appLimits(service)),
  };
  return { typeUrl: CLUSTER_TYPE, name, body };
}

/** The callers retry, not the sidecar that receives. */
function appLimits({ circuitBreaker }: Service): Pick<Service, "circuitBreaker"> {
  return circuitBreaker === undefined ? {} : { circuitBreaker };
}

const PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function protocolJson(protocol: Service["protocol"]): JsonObject {
  const explicit = protocol === "http1" ? "http_protocol_options" : "http2_protocol_options";
  return {
    [PROTOCOL_OPTIONS]: {
      "@type": `type.googleapis.com/${PROTOCOL_OPTIONS}`,
      explicit_http_config: { [explicit]: {} },
    },
  };
}

function circuitBreakerJson({
  circuitBreaker,
  retries,
}: Pick<Service, "circuitBreaker" | "retries">): JsonObject {
  const threshold = {
    ...(circuitBreaker?.maxConnections !== undefined && {
      max_connections: circuitBreaker.maxConnections,
    }),
    ...(circuitBreaker?.maxPending !== undefined && {
      max_pending_requests: circuitBreaker.maxPending,
    }),
    ...(circuitBreaker?.maxRequests !== undefined && { max_requests: circuitBreaker.maxRequests }),
    ...(retries?.budgetRatio !== undefined && {
      retry_budget: { budget_percent: { value: percent(retries.budgetRatio) } },
    }),
  };
  if (Object.keys(threshold).length === 0) return {};
  return { circuit_breakers: { thresholds: [threshold] } };
}

function outlierJson({ outlier }: Service): JsonObject {
  if (outlier === undefined) return {};
  return {
    outlier_detection: {
      ...(outlier.consecutive5xx !== undefined && { consecutive_5xx: outlier.consecutive5xx }),
      ...(outlier.intervalMs !== undefined && { interval: toDuration(outlier.intervalMs) }),
      ...(outlier.baseEjectionMs !== undefined && {
        base_ejection_time: toDuration(outlier.baseEjectionMs),
      }),
      ...(outlier.maxEjectedRatio !== undefined && {
        max_ejection_percent: Math.round(percent(outlier.maxEjectedRatio)),
      }),
      // On by default in Envoy; the intent asked for consecutive failures only.
      enforcing_success_rate: 0,
    },
  };
}

/** A check that takes longer than this has failed, unless the next one is due before. */
const CHECK_TIMEOUT_MS = 1000;

function healthCheckJson({ healthCheck, protocol }: Service): JsonObject {
  if (healthCheck === undefined) return {};
  const interval = toDuration(healthCheck.intervalMs);
  const check = {
    timeout: toDuration(Math.min(CHECK_TIMEOUT_MS, healthCheck.intervalMs)),
    interval,
    // Envoy's own 60 s would let a cluster without traffic learn of a failure only then.
    no_traffic_interval: interval,
    unhealthy_threshold: healthCheck.unhealthy,
    healthy_threshold: healthCheck.healthy,
    http_health_check: {
      path: healthCheck.path,
      ...(protocol !== "http1" && { codec_client_type: "HTTP2" }),
    },
  };
  // An endpoint the intent dropped goes at once, however healthy.
  return { health_checks: [check], ignore_health_on_host_removal: true };
}

/** Rounded to 0.0001 %, so that 0.07 is 7 and not 7.000000000000001. */
function percent(ratio: number): number {
  return Math.round(ratio * 1e6) / 1e4;
}
