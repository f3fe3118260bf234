import type { Cors } from "../policy/intent/route-filter.ts";
import type { JsonObject } from "./resource.ts";

/**
 * The filter stands before the shedding filter, in every connection manager: preflights cost nothing worth shedding, an answer
 * to a shed request can be read by the page that asked, and the first CORS policy drains no listener.
 */
const CORS_FILTER = "envoy.filters.http.cors";

export function corsFilter(): JsonObject {
  return {
    name: CORS_FILTER,
    typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors" },
  };
}

/** What a `Route` says to the filter. */
export function corsJson(cors: Cors): JsonObject {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders } = cors;
  const policy = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
    allow_origin_string_match: allowOrigins.map(originJson),
    ...(allowMethods.length > 0 && { allow_methods: allowMethods.join(", ") }),
    ...(allowHeaders.length > 0 && { allow_headers: allowHeaders.join(", ") }),
    ...(exposeHeaders.length > 0 && { expose_headers: exposeHeaders.join(", ") }),
    max_age: String(cors.maxAgeSeconds),
    ...(cors.allowCredentials && { allow_credentials: true }),
  };
  return { [CORS_FILTER]: policy };
}

/** One `*` stands for one label of the host or more; alone, for everything. */
function originJson(origin: string): JsonObject {
  if (!origin.includes("*")) return { exact: origin };
  if (origin === "*") return { safe_regex: { regex: ".*" } };
  const [scheme = "", rest = ""] = origin.split("*");
  return { safe_regex: { regex: `${escapeRegex(scheme)}[^/:]+${escapeRegex(rest)}` } };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
