import { goodRuleOf, isRange, suspectsOf } from "../decide/act/action.ts";
import type { Denial } from "../decide/act/effective.ts";
import type { Suspect } from "../policy/intent/action.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import { CLAIMS } from "./identity.ts";
import { DENIAL_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * Who is refused for now: Envoy's RBAC filter, over ECDS, so that a denial drains no connection. It stands before all that
 * counts: what is denied takes no token and is no sample. A shadow is counted, each by itself, and refuses nobody. Which
 * Services a request is for its route says, in metadata that is there while a denial asks for it.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rbac_filter
 */
export function buildDenials(denials: readonly Denial[]): EnvoyResource {
  const enforced = policies(denials.filter(({ isShadow }) => !isShadow));
  const shadows = { ...policies(denials.filter(({ isShadow }) => isShadow)), ...good(denials) };
  const body = {
    name: DENIAL_FILTER,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
      ...(Object.keys(enforced).length > 0 && { rules: { action: "DENY", policies: enforced } }),
      ...(Object.keys(shadows).length > 0 && {
        shadow_rules: { action: "DENY", policies: shadows },
        track_per_rule_stats: true,
      }),
    },
  };
  return { typeUrl: EXTENSION_CONFIG_TYPE, name: DENIAL_FILTER, body };
}

const ROUTE_METADATA = "qmesh.services";

/** Of a `Route`: the Services it leads to, where one of them is denied to somebody. */
export function servicesJson(
  services: readonly string[],
  denied: ReadonlySet<string>,
): { readonly metadata?: JsonObject } {
  if (!services.some((name) => denied.has(name))) return {};
  return { metadata: { filter_metadata: { [ROUTE_METADATA]: { services: [...services] } } } };
}

function policies(denials: readonly Denial[]): JsonObject {
  return Object.fromEntries(denials.map(({ id, move }) => [id, policy(move)]));
}

function policy(move: Denial["move"]): JsonObject {
  const { service, exempt = [] } = move;
  const spared = exempt.flatMap((name) => [
    { not_id: certificateJson(name) },
    { not_id: claimJson("sub", textJson(name)) },
  ]);
  const permission = service === undefined ? { any: true } : toService(service);
  const principals = suspectsOf(move).map((each) => ({
    and_ids: { ids: [...suspectJson(each), ...spared] },
  }));
  return { permissions: [permission], principals };
}

/** Counts, of what ranges refuse, the requests of somebody who is known and whom no denial names. */
function good(denials: readonly Denial[]): JsonObject {
  const enforced = denials.filter(({ isShadow }) => !isShadow);
  const named = enforced.flatMap(({ move }) => suspectsOf(move).filter((each) => !isRange(each)));
  const others = named.map((each) => ({ not_id: { and_ids: { ids: suspectJson(each) } } }));
  return Object.fromEntries(
    enforced.flatMap(({ id, move }) => {
      const ranges = suspectsOf(move).filter(isRange);
      if (ranges.length === 0) return [];
      const { permissions, principals } = policy({
        kind: "deny",
        ...(move.service !== undefined && { service: move.service }),
        ...(move.exempt !== undefined && { exempt: move.exempt }),
        any: ranges,
      });
      const known = { and_ids: { ids: [KNOWN, ...others] } };
      const both = { and_ids: { ids: [{ or_ids: { ids: principals as JsonObject[] } }, known] } };
      return [[goodRuleOf(id), { permissions, principals: [both] } as JsonObject]];
    }),
  );
}

/** By a certificate or a token that is believed. */
const KNOWN: JsonObject = {
  or_ids: { ids: [{ authenticated: {} }, claimJson("sub", undefined)] },
};

/** Everything that is said of one must hold. */
function suspectJson({ principal, cidr, header, claim }: Suspect): JsonObject[] {
  return [
    ...(principal === undefined ? [] : [certificateJson(principal)]),
    ...(cidr === undefined ? [] : [{ remote_ip: cidrJson(cidr) }]),
    ...(header === undefined
      ? []
      : [{ header: { name: header.name.toLowerCase(), string_match: { exact: header.value } } }]),
    ...(claim === undefined ? [] : [claimJson(claim.name, { exact: claim.value })]),
  ];
}

function certificateJson(name: string): JsonObject {
  return { authenticated: { principal_name: textJson(name) } };
}

/** A `*` at the end stands for any rest. */
function textJson(name: string): JsonObject {
  return name.endsWith("*") ? { prefix: name.slice(0, -1) } : { exact: name };
}

function toService(name: string): JsonObject {
  const value = { list_match: { one_of: { string_match: { exact: name } } } };
  const metadata_matcher = { filter: ROUTE_METADATA, path: [{ key: "services" }], value };
  return { sourced_metadata: { metadata_matcher, metadata_source: "ROUTE" } };
}

/** A claim that is a text, or a list of which one is; undefined: that is there. */
function claimJson(name: string, string_match: JsonObject | undefined): JsonObject {
  const path = [{ key: CLAIMS.key }, { key: name }];
  const value: JsonObject =
    string_match === undefined
      ? { present_match: true }
      : {
          or_match: {
            value_matchers: [{ string_match }, { list_match: { one_of: { string_match } } }],
          },
        };
  return { sourced_metadata: { metadata_matcher: { filter: CLAIMS.filter, path, value } } };
}

function cidrJson(cidr: string): JsonObject {
  const [address_prefix = "", length] = cidr.split("/");
  const whole = address_prefix.includes(":") ? 128 : 32;
  return { address_prefix, prefix_len: length === undefined ? whole : Number(length) };
}
