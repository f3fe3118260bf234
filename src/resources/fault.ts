import type { Fault } from "../decide/act/effective.ts";
import type { RouteRule } from "../policy/intent/route.ts";
import { toDuration } from "../proto/duration.ts";
import type { JsonObject } from "./resource.ts";

/**
 * Faults made on purpose, for game days: Envoy's fault filter does nothing until a route that leads to the service
 * configures it. It stands before the shedding filter, so that what never reached the service is no sample of it.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/fault_filter
 */
const FAULT_FILTER = "envoy.filters.http.fault";
const CONFIG = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";

export function faultFilter(): JsonObject {
  return { name: FAULT_FILTER, typed_config: { "@type": CONFIG } };
}

/** What a `Route` says of faults; of several for its services the first by name. */
export function faultJson(faults: readonly Fault[], { backends }: RouteRule): JsonObject {
  const fault = faults.find(({ service }) => backends.some((each) => each.service === service));
  if (fault === undefined) return {};
  const { abort, delay } = fault;
  return {
    [FAULT_FILTER]: {
      "@type": CONFIG,
      ...(abort && { abort: { http_status: abort.status, percentage: share(abort.ratio) } }),
      ...(delay && {
        delay: { fixed_delay: toDuration(delay.ms), percentage: share(delay.ratio) },
      }),
    },
  };
}

function share(ratio: number): JsonObject {
  return { numerator: Math.round(ratio * 1_000_000), denominator: "MILLION" };
}
