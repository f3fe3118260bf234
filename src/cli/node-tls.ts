import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readSpiffeId } from "../identity/authority.ts";
import { filesIn, readHolding, writePublic } from "../identity/holder-folder.ts";
import { formatSpiffeId, type SpiffeId } from "../identity/spiffe-id.ts";
import type { NodeRole } from "../policy/node-role.ts";
import type { JsonObject } from "../resources/resource.ts";
import { Failure } from "./exit-code.ts";

/**
 * How an Envoy shows who it is to the control plane, and knows it. Certificate and authorities are secrets that Envoy reads from
 * files, since it watches what it has so: a renewed certificate is shown from the next connection on, and no stream breaks.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/security/secret
 */
export interface NodeTls {
  /** Absolute, on Envoy's disk: its certificate and the files that lead to it. */
  readonly folder: string;
  readonly trustDomain: string;
}

const secretFiles = (folder: string) => ({
  certificate: join(folder, "sds-certificate.json"),
  authorities: join(folder, "sds-authorities.json"),
});

/**
 * `certs`: the folder that `qmesh certs` keeps, or a copy of the one node's. Checks that the certificate is this node's and writes the
 * files by which Envoy finds it. Throws a Failure.
 */
export function prepareNodeTls(
  certs: string,
  { id, role }: { readonly id: string; readonly role: NodeRole },
): NodeTls {
  const own = resolve(certs, "nodes", id);
  const folder = existsSync(own) ? own : resolve(certs);
  const { trustDomain, holder } = readId(folder, id);
  const wanted = formatSpiffeId({ trustDomain, holder: { kind: "node", role, nodeId: id } });
  const given = formatSpiffeId({ trustDomain, holder });
  if (given !== wanted)
    throw new Failure(`${folder}: is the certificate of ${given}, not of ${wanted}.`);
  const files = filesIn(folder);
  const to = secretFiles(folder);
  writeSecretFile(to.certificate, CERTIFICATE_SECRET, {
    tls_certificate: {
      certificate_chain: { filename: files.certificate },
      private_key: { filename: files.privateKey },
    },
  });
  writeSecretFile(to.authorities, AUTHORITIES_SECRET, {
    validation_context: { trusted_ca: { filename: files.authorities } },
  });
  return { folder, trustDomain };
}

function readId(folder: string, id: string): SpiffeId {
  try {
    const spiffeId = readSpiffeId(readHolding(folder).certificate);
    if (spiffeId !== undefined) return spiffeId;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${folder}: holds no certificate of node ${id} (${code}): make one by qmesh certs node --id ${id}.`,
    );
  }
  throw new Failure(`${folder}: the certificate has no SPIFFE id of a mesh.`);
}

const CERTIFICATE_SECRET = "qmesh_node";
const AUTHORITIES_SECRET = "qmesh_authorities";

function writeSecretFile(file: string, name: string, secret: JsonObject): void {
  const type = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
  const text = JSON.stringify({ resources: [{ "@type": type, name, ...secret }] }, null, 2);
  try {
    writePublic(file, `${text}\n`);
  } catch (error) {
    throw new Failure(`${file}: cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Of the clusters that lead to the control plane: TLS 1.3, HTTP/2, and nobody else answers for it. */
export function controlPlaneTls({ folder, trustDomain }: NodeTls): JsonObject {
  const files = secretFiles(folder);
  const uri = formatSpiffeId({ trustDomain, holder: { kind: "control-plane" } });
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: "TLSv1_3",
          tls_maximum_protocol_version: "TLSv1_3",
        },
        alpn_protocols: ["h2"],
        tls_certificate_sds_secret_configs: [secretAt(CERTIFICATE_SECRET, files.certificate)],
        combined_validation_context: {
          default_validation_context: {
            match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: uri } }],
          },
          validation_context_sds_secret_config: secretAt(AUTHORITIES_SECRET, files.authorities),
        },
      },
    },
  };
}

function secretAt(name: string, path: string): JsonObject {
  return { name, sds_config: { path_config_source: { path }, resource_api_version: "V3" } };
}
