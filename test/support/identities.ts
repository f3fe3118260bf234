import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { Authority, authorityFiles, type Subject } from "../../src/identity/authority.ts";
import { createCertificate, type KeyPair } from "../../src/identity/certificate.ts";
import { readHolding } from "../../src/identity/holder-folder.ts";
import { formatSpiffeId } from "../../src/identity/spiffe-id.ts";

/** A folder of certificates of a mesh of its own, and credentials of clients good and bad. */
export const TRUST_DOMAIN = "shop.example";
const DAY_MS = 86_400_000;

export interface Validity {
  /** Days from now; below 0: in the past. */
  readonly from?: number;
  readonly to?: number;
  readonly trustDomain?: string;
}

export class Identities {
  readonly folder = temporaryFolder();
  readonly authority = Authority.create(this.folder, TRUST_DOMAIN, new Date());

  constructor() {
    this.authority.issue({ kind: "control-plane" }, new Date(), 30);
  }

  node(nodeId: string, gateway = "edge"): Subject {
    return { kind: "node", role: { role: "gateway", name: gateway }, nodeId };
  }

  /** As the authority would sign it, if it could be made to. */
  sign(holder: Subject, { from = -1, to = 1, trustDomain = TRUST_DOMAIN }: Validity = {}): KeyPair {
    const files = authorityFiles(this.folder);
    const now = Date.now();
    return createCertificate({
      commonName: "test",
      uri: formatSpiffeId({ trustDomain, holder }),
      notBefore: new Date(now + from * DAY_MS),
      notAfter: new Date(now + to * DAY_MS),
      issuer: {
        certificate: readFileSync(files.certificate, "utf8"),
        privateKey: readFileSync(files.privateKey, "utf8"),
      },
    });
  }

  /** Without a pair: TLS, and no certificate. */
  client(pair?: KeyPair): ChannelCredentials {
    const ca = readFileSync(authorityFiles(this.folder).certificate);
    const own = pair === undefined ? [null, null] : [pair.privateKey, pair.certificate].map(buffer);
    // Its name is a URI, not a host.
    return credentials.createSsl(ca, own[0], own[1], { checkServerIdentity: () => undefined });
  }

  holding(...path: string[]) {
    return readHolding(join(this.folder, ...path));
  }
}

function buffer(text: string): Buffer {
  return Buffer.from(text);
}
