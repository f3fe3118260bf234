import { TIER_KEY } from "../policy/descriptor.ts";
import type { TieredRates } from "../policy/intent/rate-limit.ts";
import type { SheddingMatch } from "../policy/intent/shedding.ts";
import type { JsonObject } from "./resource.ts";
import { trimPrefix } from "./route-match.ts";

/**
 * The tier of a request as a value that Envoy counts by: the matches of a Shedding as one CEL expression, in their order, so
 * that Envoy's rate limits and the shedding filter call a request the same.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/rate_limit_descriptors/expr/v3/expr.proto
 */
export function tierAction(tiered: TieredRates): JsonObject {
  return {
    extension: {
      name: "envoy.rate_limit_descriptors.expr",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor",
        descriptor_key: TIER_KEY,
        text: tierExpression(tiered),
      },
    },
  };
}

function tierExpression({ tiers, unmatched }: TieredRates): string {
  const otherwise = text(tiers[unmatched]?.name ?? "");
  return tiers.reduceRight(
    (rest, { name, matches }) =>
      matches.length === 0
        ? rest
        : `${matches.map(matchExpression).join(" || ")} ? ${text(name)} : (${rest})`,
    otherwise,
  );
}

function matchExpression({ headers, path }: SheddingMatch): string {
  const parts = headers.map(({ name, value }) => {
    const key = text(name.toLowerCase());
    return `${key} in request.headers && request.headers[${key}] == ${text(value)}`;
  });
  return `(${[...parts, ...(path === undefined ? [] : [pathExpression(path)])].join(" && ")})`;
}

function pathExpression({ type, value }: NonNullable<SheddingMatch["path"]>): string {
  if (type === "Exact") return `request.url_path == ${text(value)}`;
  const prefix = trimPrefix(value);
  if (prefix === "") return "true";
  return `(request.url_path == ${text(prefix)} || request.url_path.startsWith(${text(`${prefix}/`)}))`;
}

/** A literal of CEL; the escapes of JSON are among its own. */
function text(value: string): string {
  return JSON.stringify(value);
}
