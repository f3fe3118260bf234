import { XDS_CLUSTER } from "./names.ts";
import type { JsonObject } from "./resource.ts";

/**
 * One request of a hundred, drawn at random, is logged to the control plane: enough for quantiles by cluster at some
 * hundred requests a second, and 1 % of the cost. An entry that finds no room in Envoy's buffer is lost.
 */
export const SAMPLED_PERCENT = 1;

export function accessLog(): JsonObject {
  return {
    name: "envoy.access_loggers.http_grpc",
    filter: {
      runtime_filter: {
        runtime_key: "qmesh.access_log.sampled",
        percent_sampled: { numerator: SAMPLED_PERCENT, denominator: "HUNDRED" },
        // Otherwise the caller's request id would decide.
        use_independent_randomness: true,
      },
    },
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
      common_config: {
        log_name: "qmesh",
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: XDS_CLUSTER } },
        buffer_flush_interval: "1s",
      },
    },
  };
}
