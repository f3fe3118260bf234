import { isIP } from "node:net";
import { SLOW_MS } from "../evidence/evidence.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { toDuration } from "../proto/duration.ts";
import { FROM_ADS } from "../resources/config-source.ts";
import { localName, RATE_LIMIT_CLUSTER, XDS_CLUSTER } from "../resources/names.ts";
import type { Json, JsonObject } from "../resources/resource.ts";
import type { Address } from "./address.ts";
import { controlPlaneTls, type NodeTls } from "./node-tls.ts";

/**
 * A complete Envoy bootstrap: who the node is, where the control plane is, and what must hold while it is gone. All
 * configuration comes over one delta ADS stream; statistics go to the same place. Envoy keeps serving the last
 * configuration without a control plane; a node that never had one opens no listener and stays "initializing".
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/bootstrap/v3/bootstrap.proto
 */
export interface BootstrapOptions {
  /** `node.id`: one per Envoy. */
  readonly id: string;
  /** `node.cluster`; absent: the name of the gateway or service. */
  readonly cluster?: string;
  readonly role: NodeRole;
  readonly locality?: Locality;
  /** The control plane; a name is resolved by DNS. */
  readonly xds: Address;
  /** Its rate-limit service. */
  readonly rateLimit: Address;
  /** How the two are reached; absent: in plaintext. */
  readonly tls?: NodeTls;
  readonly admin: {
    /** On loopback; 0: a free one. */
    readonly port: number;
  };
  /** Downstream connections, all listeners together; absent: `MAX_CONNECTIONS`. */
  readonly maxConnections?: number;
  /** Bytes of heap at which Envoy gives memory back, then refuses requests; absent: no bound. */
  readonly maxHeapBytes?: number;
  /** Beside what comes over ADS. */
  readonly staticListeners?: readonly JsonObject[];
  readonly staticClusters?: readonly JsonObject[];
}

/** Envoy's advice for an edge proxy; without a bound, connections can take all file descriptors. */
const MAX_CONNECTIONS = 50_000;

/** One slot of evidence. */
const STATS_FLUSH_MS = 1000;

/** A report of everything at once can pass the 4 MiB a gRPC server takes in one message. */
const METRICS_PER_MESSAGE = 5000;

/** A control plane that is back is found within about 2 s; Envoy's own 30 s would be a minute of stale bounds. */
const RECONNECT = { base_interval: toDuration(100), max_interval: toDuration(2000) };

export function buildBootstrap(options: BootstrapOptions): JsonObject {
  const local = localClusterName(options);
  return {
    node: nodeJson(options),
    admin: {
      address: { socket_address: { address: "127.0.0.1", port_value: options.admin.port } },
    },
    dynamic_resources: dynamicJson(),
    static_resources: {
      ...(options.staticListeners !== undefined && { listeners: options.staticListeners }),
      clusters: [
        controlPlane(XDS_CLUSTER, options.xds, options.tls),
        controlPlane(RATE_LIMIT_CLUSTER, options.rateLimit, options.tls),
        ...(local === undefined ? [] : [localCluster(local)]),
        ...(options.staticClusters ?? []),
      ],
    },
    cluster_manager: {
      ...(local !== undefined && { local_cluster_name: local }),
      load_stats_config: loadStats(),
    },
    stats_flush_interval: toDuration(STATS_FLUSH_MS),
    stats_sinks: [metricsSink()],
    stats_config: {
      // The edges the control plane judges times by.
      histogram_bucket_settings: [{ match: { suffix: "upstream_rq_time" }, buckets: [...SLOW_MS] }],
    },
    overload_manager: overloadJson(options),
  };
}

/** What Envoy takes as flags and not from its bootstrap. */
export interface EnvoyFlags {
  readonly bootstrapFile: string;
  /** Envoy writes the admin address it took, `127.0.0.1:PORT`. */
  readonly adminAddressFile?: string;
  /** Worker threads; absent: one per core. */
  readonly concurrency?: number;
}

export function envoyArguments(flags: EnvoyFlags): string[] {
  const { bootstrapFile, adminAddressFile, concurrency } = flags;
  return [
    ...["--config-path", bootstrapFile],
    ...(adminAddressFile === undefined ? [] : ["--admin-address-path", adminAddressFile]),
    ...(concurrency === undefined ? [] : ["--concurrency", String(concurrency)]),
    // Otherwise two Envoys on one machine share memory by number and the second refuses to start.
    "--use-dynamic-base-id",
  ];
}

function nodeJson({ id, cluster, role, locality }: BootstrapOptions): JsonObject {
  return {
    id,
    cluster: cluster ?? (role.role === "gateway" ? role.name : role.service),
    ...(locality !== undefined && { locality: { region: locality.region, zone: locality.zone } }),
    metadata: { qmesh: { ...role } },
  };
}

/** A sidecar that knows its zone balances by zone; of a gateway's callers nobody knows. */
function localClusterName({ role, locality }: BootstrapOptions): string | undefined {
  if (role.role === "gateway" || (locality?.zone ?? "") === "") return undefined;
  return localName(role.service);
}

/** The other sidecars of its Service. It is never called, only counted. */
function localCluster(name: string): JsonObject {
  return { name, type: "EDS", eds_cluster_config: { eds_config: FROM_ADS } };
}

function dynamicJson(): JsonObject {
  // Listening without routes, or with half the clusters, would answer errors; not listening lets others take over.
  const fromAds = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
  return {
    ads_config: {
      api_type: "DELTA_GRPC",
      transport_api_version: "V3",
      set_node_on_first_message_only: true,
      grpc_services: [grpcService({ retry_policy: { retry_back_off: RECONNECT } })],
    },
    lds_config: fromAds,
    cds_config: fromAds,
  };
}

/** What it reports, and how often, the control plane says on the stream. */
function loadStats(): JsonObject {
  return { api_type: "GRPC", transport_api_version: "V3", grpc_services: [grpcService()] };
}

function grpcService(extra: JsonObject = {}): JsonObject {
  return { envoy_grpc: { cluster_name: XDS_CLUSTER, ...extra } };
}

/**
 * Counters stay cumulative (a lost report loses nothing), names stay whole, and a histogram is sent once, as buckets:
 * quantiles of several Envoys cannot be added up, buckets can.
 */
function metricsSink(): JsonObject {
  return {
    name: "envoy.stat_sinks.metrics_service",
    typed_config: {
      "@type": "type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig",
      transport_api_version: "V3",
      grpc_service: grpcService(),
      emit_tags_as_labels: false,
      batch_size: METRICS_PER_MESSAGE,
      histogram_emit_mode: "HISTOGRAM",
    },
  };
}

function controlPlane(name: string, { host, port }: Address, tls?: NodeTls): JsonObject {
  const endpoint = { address: { socket_address: { address: host, port_value: port } } };
  const protocol = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    name,
    type: isIP(host) === 0 ? "STRICT_DNS" : "STATIC",
    connect_timeout: "1s",
    ...(tls !== undefined && { transport_socket: controlPlaneTls(tls) }),
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint }] }],
    },
    typed_extension_protocol_options: {
      [protocol]: {
        "@type": `type.googleapis.com/${protocol}`,
        explicit_http_config: {
          // A control plane that vanished without a word is noticed within 7 s, not by a TCP timeout.
          http2_protocol_options: { connection_keepalive: { interval: "5s", timeout: "2s" } },
        },
      },
    },
    upstream_connection_options: {
      tcp_keepalive: { keepalive_probes: 3, keepalive_time: 10, keepalive_interval: 5 },
    },
  };
}

function overloadJson({ maxConnections, maxHeapBytes }: BootstrapOptions): JsonObject {
  const connections = monitor("global_downstream_max_connections", {
    "@type":
      "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
    max_active_downstream_connections: maxConnections ?? MAX_CONNECTIONS,
  });
  if (maxHeapBytes === undefined) return { resource_monitors: [connections] };
  const heap = monitor("fixed_heap", {
    "@type": "type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
    max_heap_size_bytes: maxHeapBytes,
  });
  return {
    refresh_interval: "0.25s",
    resource_monitors: [connections, heap],
    actions: [heapAction("shrink_heap", 0.95), heapAction("stop_accepting_requests", 0.98)],
  };
}

function monitor(name: string, config: JsonObject): Json {
  return { name: `envoy.resource_monitors.${name}`, typed_config: config };
}

function heapAction(name: string, ratio: number): Json {
  const trigger = { name: "envoy.resource_monitors.fixed_heap", threshold: { value: ratio } };
  return { name: `envoy.overload_actions.${name}`, triggers: [trigger] };
}
