import type { ListenerTls } from "../policy/intent/gateway.ts";
import { SECRET_TYPE } from "../proto/type-url.ts";
import { FROM_ADS_REQUIRED } from "./config-source.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * TLS of a listener. A certificate from files is a secret of its own, so that a new one replaces the old without a drain; its key
 * stays on Envoy's disk. A secret by name is looked up in Envoy's bootstrap: one that is not there makes Envoy refuse the listener.
 */
export function transportSocket(tls: ListenerTls, secretName: string): JsonObject {
  const secret =
    tls.kind === "secret"
      ? { name: tls.name }
      : { name: secretName, sds_config: FROM_ADS_REQUIRED };
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      common_tls_context: {
        alpn_protocols: ["h2", "http/1.1"],
        tls_certificate_sds_secret_configs: [secret],
      },
    },
  };
}

/** Undefined: the secret is Envoy's own. */
export function buildSecret(tls: ListenerTls, name: string): EnvoyResource | undefined {
  if (tls.kind === "secret") return undefined;
  const body = {
    name,
    tls_certificate: {
      certificate_chain: { inline_string: tls.certificate },
      private_key: { filename: tls.privateKeyFile },
    },
  };
  return { typeUrl: SECRET_TYPE, name, body };
}
