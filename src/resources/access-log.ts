import type { Shedding } from "../policy/intent/shedding.ts";
import { XDS_CLUSTER } from "./names.ts";
import type { JsonObject } from "./resource.ts";
import { TIER_HEADER } from "./unverified-headers.ts";

/**
 * Two logs to the control plane. One request of a hundred, drawn at random: enough for counts by tier and tenant and for
 * quantiles at some hundred requests a second, and 1 % of the cost. And of the failed ones one of ten, which are no evidence,
 * since they are no fair draw, but lead a person to the traces. An entry that finds no room in Envoy's buffer is lost.
 */
const SAMPLED_PERCENT = 1;
const FAILED_PERCENT = 10;

/** Names of the logs, by which the control plane tells them apart. */
const SAMPLED_LOG = "qmesh";
const FAILED_LOG = "qmesh_failed";

/** Headers the entries carry beside Envoy's own fields; changing them changes every listener, which drains its connections. */
export function loggedHeaders(sheddings: readonly Shedding[]): string[] {
  const tenants = sheddings.flatMap(({ tenant }) => tenant?.header ?? []);
  return [...new Set([TIER_HEADER, "traceparent", ...tenants])].sort();
}

export function accessLogs(headers: readonly string[]): JsonObject[] {
  const failed = {
    status_code_filter: {
      comparison: { op: "GE", value: { default_value: 500, runtime_key: "qmesh.access_log.from" } },
    },
  };
  return [
    grpcLog(SAMPLED_LOG, drawn("qmesh.access_log.sampled", SAMPLED_PERCENT), headers),
    grpcLog(
      FAILED_LOG,
      { and_filter: { filters: [failed, drawn("qmesh.access_log.failed", FAILED_PERCENT)] } },
      headers,
    ),
  ];
}

function drawn(key: string, percent: number): JsonObject {
  return {
    runtime_filter: {
      runtime_key: key,
      percent_sampled: { numerator: percent, denominator: "HUNDRED" },
      // Otherwise the caller's request id would decide.
      use_independent_randomness: true,
    },
  };
}

function grpcLog(name: string, filter: JsonObject, headers: readonly string[]): JsonObject {
  return {
    name: "envoy.access_loggers.http_grpc",
    filter,
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
      common_config: {
        log_name: name,
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: XDS_CLUSTER } },
        buffer_flush_interval: "1s",
      },
      additional_request_headers_to_log: [...headers],
    },
  };
}
