import type { MeshIdentity } from "../identity/mesh-identity.ts";
import { formatSpiffeId } from "../identity/spiffe-id.ts";
import type { Service } from "../policy/intent/service.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { roleKey } from "../policy/node-role.ts";
import { SECRET_TYPE } from "../proto/type-url.ts";
import { FROM_ADS_REQUIRED } from "./config-source.ts";
import { authoritiesName, MESH_AUTHORITIES, MESH_CERTIFICATE } from "./names.ts";
import type { EnvoyResource, Json, JsonObject } from "./resource.ts";

/**
 * TLS between Envoys of the mesh, both sides with a certificate, and from Envoy to a Service outside of it. What is renewed,
 * certificates and authorities, is a secret of its own (SDS): a new one holds from the next connection on, and no listener
 * drains. Sessions are not resumed, since a resumed one would not look at the peer's certificate again.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/security/secret
 */
export function buildMeshSecrets(identity: MeshIdentity | undefined): EnvoyResource[] {
  if (identity === undefined) return [];
  const { certificate, privateKey, authorities } = identity;
  const body = {
    name: MESH_CERTIFICATE,
    tls_certificate: {
      certificate_chain: { inline_string: certificate },
      private_key: { inline_string: privateKey },
    },
  };
  return [
    { typeUrl: SECRET_TYPE, name: MESH_CERTIFICATE, body },
    authoritiesSecret(MESH_AUTHORITIES, authorities),
  ];
}

/** Of a Service outside the mesh; its name is that of no other secret of the node. */
export function buildServiceAuthorities({ name, tls }: Service): EnvoyResource[] {
  return tls?.mode === "simple" ? [authoritiesSecret(authoritiesName(name), tls.authorities)] : [];
}

function authoritiesSecret(name: string, authorities: string): EnvoyResource {
  const body = { name, validation_context: { trusted_ca: { inline_string: authorities } } };
  return { typeUrl: SECRET_TYPE, name, body };
}

/** What one node is, and what it can show. */
export interface Caller {
  readonly role: NodeRole;
  readonly identity: MeshIdentity | undefined;
}

/**
 * How a node reaches a Service. Throws a sentence for the operator if it would have to show a certificate and has none: going
 * on in plaintext would be less than the intent says.
 */
export function serviceTransport({ name, tls, protocol }: Service, caller: Caller): JsonObject {
  if (tls === undefined) return {};
  const alpn = { alpn_protocols: [protocol === "http1" ? "http/1.1" : "h2"] };
  if (tls.mode === "simple") {
    const context = {
      ...{ tls_params: { tls_minimum_protocol_version: "TLSv1_2" }, ...alpn },
      combined_validation_context: validation(authoritiesName(name), [
        { san_type: "DNS", matcher: { exact: tls.hostname } },
      ]),
    };
    return upstream({ common_tls_context: context, sni: tls.hostname });
  }
  const { trustDomain } = identityFor(name, caller);
  const holder = { kind: "role", role: { role: "sidecar", service: name } } as const;
  const matcher = { exact: formatSpiffeId({ trustDomain, holder }) };
  const context = { ...meshContext([{ san_type: "URI", matcher }]), ...alpn };
  return upstream({ common_tls_context: context, max_session_keys: 0 });
}

function upstream(tls: JsonObject): JsonObject {
  return { transport_socket: socket("UpstreamTlsContext", tls) };
}

/** Of a listener that takes gateways and sidecars of the mesh, and nobody else: no node's own certificate, no operator's. */
export function meshListenerSocket({ trustDomain }: MeshIdentity): JsonObject {
  const domain = trustDomain.replaceAll(".", "\\.");
  const matcher = {
    safe_regex: { regex: `spiffe://${domain}/(gateway|sidecar)/[A-Za-z0-9._-]+` },
  };
  return socket("DownstreamTlsContext", {
    require_client_certificate: true,
    disable_stateless_session_resumption: true,
    disable_stateful_session_resumption: true,
    common_tls_context: {
      ...meshContext([{ san_type: "URI", matcher }]),
      alpn_protocols: ["h2", "http/1.1"],
    },
  });
}

/** The certificate of the caller; throws where it has none. */
export function identityFor(service: string, { role, identity }: Caller): MeshIdentity {
  if (identity !== undefined) return identity;
  const key = roleKey(role);
  throw new Error(
    `Service ${service} has tls, and ${key} has no certificate to show: start qmesh serve with --certs, and make roles/${key} there by qmesh certs node or qmesh certs rotate`,
  );
}

function meshContext(names: readonly Json[]): JsonObject {
  return {
    tls_params: {
      tls_minimum_protocol_version: "TLSv1_3",
      tls_maximum_protocol_version: "TLSv1_3",
    },
    tls_certificate_sds_secret_configs: [secret(MESH_CERTIFICATE)],
    combined_validation_context: validation(MESH_AUTHORITIES, names),
  };
}

function validation(authorities: string, names: readonly Json[]): JsonObject {
  return {
    default_validation_context: { match_typed_subject_alt_names: names },
    validation_context_sds_secret_config: secret(authorities),
  };
}

function secret(name: string): JsonObject {
  return { name, sds_config: FROM_ADS_REQUIRED };
}

function socket(context: "UpstreamTlsContext" | "DownstreamTlsContext", tls: JsonObject) {
  const type = `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${context}`;
  return { name: "envoy.transport_sockets.tls", typed_config: { "@type": type, ...tls } };
}
