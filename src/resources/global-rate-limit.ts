import { LIMIT_DOMAIN } from "../policy/descriptor.ts";
import { toDuration } from "../proto/duration.ts";
import { RATE_LIMIT_CLUSTER } from "./names.ts";
import { STAGE } from "./rate-limit.ts";
import type { JsonObject } from "./resource.ts";

/**
 * Envoy's rate limit filters: each request of a route that a limit of scope global holds is a question to the control
 * plane. One filter admits where there is no answer, one refuses; a limit stands in the stage of the one it wants. They know
 * no limit, so they never change, and ask nothing where a route names none.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rate_limit_filter
 */
export function globalRateLimits(): JsonObject[] {
  return [
    filter("qmesh_rate_limit_allow", STAGE.globalOrAllow),
    filter("qmesh_rate_limit_deny", STAGE.globalOrDeny),
  ];
}

/** What a control plane that hangs may cost a request; one that is gone costs nothing. Twice the lag its loop may have. */
const TIMEOUT_MS = 100;

function filter(name: string, stage: number): JsonObject {
  return {
    name,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
      stat_prefix: name,
      domain: LIMIT_DOMAIN,
      stage,
      timeout: toDuration(TIMEOUT_MS),
      failure_mode_deny: stage === STAGE.globalOrDeny,
      // Not the client's fault, and another Envoy may do better.
      status_on_error: { code: "ServiceUnavailable" },
      rate_limited_as_resource_exhausted: true,
      rate_limit_service: {
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: RATE_LIMIT_CLUSTER } },
      },
    },
  };
}
