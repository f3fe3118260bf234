import type { Identity, RemoteKeys } from "../policy/intent/identity.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import { IDENTITY_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * Whose tokens are believed: Envoy's JWT filter, over ECDS. It verifies and never refuses: a request without a token, or with
 * one that is not believed, goes on, only its claims are then nobody's. Who is refused the filter behind it says
 * (`denial.ts`), by the claims found here. The token itself is sent on.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/jwt_authn_filter
 */
export function buildIdentities(
  identities: readonly Identity[],
  clusterOf: (service: string) => string,
): EnvoyResource {
  const body = {
    name: IDENTITY_FILTER,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
      ...(identities.length > 0 && {
        providers: Object.fromEntries(
          identities.map((each) => [each.name, provider(each, clusterOf)]),
        ),
        rules: [{ match: { prefix: "/" }, requires: anyOf(identities) }],
      }),
    },
  };
  return { typeUrl: EXTENSION_CONFIG_TYPE, name: IDENTITY_FILTER, body };
}

/** Where the claims of a believed token lie in the metadata of a request. */
export const CLAIMS = { filter: "envoy.filters.http.jwt_authn", key: "claims" } as const;

function provider(
  { issuer, audiences, jwks }: Identity,
  clusterOf: (service: string) => string,
): JsonObject {
  return {
    issuer,
    audiences,
    ...(typeof jwks === "string"
      ? { local_jwks: { inline_string: jwks } }
      : { remote_jwks: remoteKeys(jwks, clusterOf(jwks.service)) }),
    forward: true,
    payload_in_metadata: CLAIMS.key,
  };
}

/** Fetched before the first token comes and anew before they are old, so that no request waits for them. */
function remoteKeys({ uri }: RemoteKeys, cluster: string): JsonObject {
  return {
    http_uri: { uri, cluster, timeout: "5s" },
    cache_duration: "300s",
    async_fetch: { fast_listener: true },
  };
}

function anyOf(identities: readonly Identity[]): JsonObject {
  const requirements: JsonObject[] = identities.map(({ name }) => ({ provider_name: name }));
  return { requires_any: { requirements: [...requirements, { allow_missing_or_failed: {} }] } };
}
