import type { PeerCertificate } from "node:tls";
import { roleKey } from "../policy/node-role.ts";
import { formatSpiffeId, type Holder, spiffeIdIn } from "./spiffe-id.ts";

/**
 * What the holder of a certificate may ask of the control plane. Each question is answered by undefined, or by the sentence that
 * says why not. The connection has been verified before: these certificates are of the mesh's authority and in their time.
 */
export class Entitlement {
  constructor(private readonly trustDomain: string) {}

  /** A node's own stream: configuration, or reports. `role`: what it says it runs as (`gateway/edge`); absent: it is not asked. */
  refuseNode(
    certificate: PeerCertificate | undefined,
    { nodeId, role }: { readonly nodeId: string; readonly role?: string | undefined },
  ): string | undefined {
    return this.#judge(certificate, (holder) => {
      if (holder.kind !== "node") return "the certificate is for no node";
      const own = roleKey(holder.role);
      if (holder.nodeId !== nodeId)
        return `the certificate is for node ${holder.nodeId}, not for ${quoted(nodeId)}`;
      if (role === undefined || role === own) return undefined;
      return `the certificate is for ${own}, and the node says it runs ${quoted(role)}`;
    });
  }

  /** Rate limits: any node, for the mesh as a whole. */
  refuseAsker(certificate: PeerCertificate | undefined): string | undefined {
    return this.#judge(certificate, ({ kind }) =>
      kind === "node" ? undefined : "the certificate is for no node",
    );
  }

  /** What others have. */
  refuseOperator(certificate: PeerCertificate | undefined): string | undefined {
    return this.#judge(certificate, ({ kind }) =>
      kind === "operator" ? undefined : "the certificate is for no operator (qmesh certs operator)",
    );
  }

  #judge(
    certificate: PeerCertificate | undefined,
    judge: (holder: Holder) => string | undefined,
  ): string | undefined {
    const id = spiffeIdIn(certificate?.subjectaltname);
    if (id === undefined) return "the certificate has no SPIFFE id of a mesh";
    if (id.trustDomain !== this.trustDomain)
      return `the certificate is for ${formatSpiffeId(id)}, and this mesh is ${this.trustDomain}`;
    return judge(id.holder);
  }
}

/** A peer may say anything: it goes into a log. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 256));
}
