import { LIMIT_KEY, TIER_KEY } from "../policy/descriptor.ts";
import type { Rate } from "../policy/intent/rate.ts";
import type { RateLimit, RateLimitKey } from "../policy/intent/rate-limit.ts";
import { toDuration } from "../proto/duration.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import { LOCAL_LIMIT_FILTER, LOCAL_SHADOW_FILTER } from "./names.ts";
import { keyName, STAGE, stagesOf } from "./rate-limit.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * Envoy's local rate limit: token buckets inside each Envoy, one set for each port of a gateway. Two filters, one that
 * enforces and one that only counts. They come over ECDS: in the listener every change of a rate would drain its
 * connections, in the routes every change of a route would fill all buckets. A change of any limit fills those of this filter.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/local_rate_limit_filter
 */
export function buildLocalRateLimits(limits: readonly RateLimit[]): EnvoyResource[] {
  const at = (stage: number) =>
    limits.filter((limit) => stagesOf(limit).some((each) => each === stage));
  return [
    filter(LOCAL_SHADOW_FILTER, STAGE.localShadow, at(STAGE.localShadow)),
    filter(LOCAL_LIMIT_FILTER, STAGE.local, at(STAGE.local)),
  ];
}

const CONFIG =
  "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";

/** Values of one limit that have a bucket of their own; of more the one unused for longest goes. */
const MAX_BUCKETS = 10_000;

/** For what no limit holds: never empty, and of an interval that every unit of a rate is a multiple of. */
const BOTTOMLESS = {
  max_tokens: 4_294_967_295,
  tokens_per_fill: 4_294_967_295,
  fill_interval: "1s",
};

const ALL = { default_value: { numerator: 100, denominator: "HUNDRED" } };
/** As Envoy's global rate limit says it: a caller's Envoy then does not retry. */
const RATE_LIMITED = {
  header: { key: "x-envoy-ratelimited", value: "true" },
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
};
const NONE = { default_value: { numerator: 0, denominator: "HUNDRED" } };

function filter(name: string, stage: number, limits: readonly RateLimit[]): EnvoyResource {
  const body = {
    name,
    typed_config: {
      "@type": CONFIG,
      stat_prefix: name,
      stage,
      token_bucket: BOTTOMLESS,
      always_consume_default_token_bucket: false,
      filter_enabled: ALL,
      filter_enforced: stage === STAGE.localShadow ? NONE : ALL,
      descriptors: limits.flatMap(descriptorsJson),
      max_dynamic_descriptors: MAX_BUCKETS,
      rate_limited_as_resource_exhausted: true,
      response_headers_to_add: [RATE_LIMITED],
    },
  };
  return { typeUrl: EXTENSION_CONFIG_TYPE, name, body };
}

/** Envoy matches whole descriptors only, so a row for every set of headers that may be absent. */
function descriptorsJson({ name, per, rate, burst, tiered }: RateLimit): JsonObject[] {
  const limit = { key: LIMIT_KEY, value: name };
  const rows = (first: readonly JsonObject[], token_bucket: JsonObject) =>
    subsets(per).map((keys) => ({
      // Without a value: any, each with a bucket of its own.
      entries: [...first, ...keys.map((key) => ({ key: keyName(key) }))],
      token_bucket,
    }));
  return [
    ...rows([limit], bucketJson(rate, burst)),
    ...Object.entries(tiered?.rates ?? {}).flatMap(([tier, own]) =>
      rows([limit, { key: TIER_KEY, value: tier }], bucketJson(own.rate, own.burst)),
    ),
  ];
}

function bucketJson(rate: Rate, burst: number): JsonObject {
  return {
    max_tokens: burst,
    tokens_per_fill: rate.requests,
    fill_interval: toDuration(rate.perMs),
  };
}

/** In order; an address is always there. */
function subsets([key, ...rest]: readonly RateLimitKey[]): RateLimitKey[][] {
  if (key === undefined) return [[]];
  const without = subsets(rest);
  const having = without.map((keys) => [key, ...keys]);
  return key.kind === "address" ? having : [...having, ...without];
}
