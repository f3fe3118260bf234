import type { Denial } from "../decide/act/effective.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import { DENIAL_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * Who is refused for now: Envoy's RBAC filter, over ECDS, so that a denial drains no connection. It stands first: what is
 * denied takes no token and is no sample. A shadow is counted as `shadow_denied` and refuses nobody.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rbac_filter
 */
export function buildDenials(denials: readonly Denial[]): EnvoyResource {
  const enforced = policies(denials.filter(({ isShadow }) => !isShadow));
  const shadows = policies(denials.filter(({ isShadow }) => isShadow));
  const body = {
    name: DENIAL_FILTER,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
      ...(Object.keys(enforced).length > 0 && { rules: { action: "DENY", policies: enforced } }),
      ...(Object.keys(shadows).length > 0 && {
        shadow_rules: { action: "DENY", policies: shadows },
      }),
    },
  };
  return { typeUrl: EXTENSION_CONFIG_TYPE, name: DENIAL_FILTER, body };
}

function policies(denials: readonly Denial[]): JsonObject {
  return Object.fromEntries(denials.map(({ id, move }) => [id, policy(move)]));
}

/** Everything a denial names must hold. */
function policy({ principal, cidr, header }: Denial["move"]): JsonObject {
  const ids: JsonObject[] = [
    ...(principal === undefined
      ? []
      : [{ authenticated: { principal_name: { exact: principal } } }]),
    ...(cidr === undefined ? [] : [{ remote_ip: cidrJson(cidr) }]),
    ...(header === undefined
      ? []
      : [{ header: { name: header.name.toLowerCase(), string_match: { exact: header.value } } }]),
  ];
  return { permissions: [{ any: true }], principals: [{ and_ids: { ids } }] };
}

function cidrJson(cidr: string): JsonObject {
  const [address_prefix = "", length] = cidr.split("/");
  const whole = address_prefix.includes(":") ? 128 : 32;
  return { address_prefix, prefix_len: length === undefined ? whole : Number(length) };
}
