import { createHash, timingSafeEqual } from "node:crypto";
import { spiffeIdIn } from "../../identity/spiffe-id.ts";
import type { Access } from "./access-file.ts";
import { jwtCheck } from "./jwt.ts";
import type { Shown } from "./principal.ts";
import { verbsOf } from "./roles.ts";

/** What a request shows of who sent it. */
export interface Evidence {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** It came from this machine. */
  readonly isLocal: boolean;
  /** Of the TLS connection; absent: it has none, or its peer showed none. */
  readonly certificate?: ShownCertificate;
}

export interface ShownCertificate {
  /** It is of the mesh's authority and in its time. */
  readonly isVerified: boolean;
  readonly subjectAltName: string | undefined;
}

export interface Credentials {
  /** Counts from this machine only; absent: there is none. */
  readonly localToken?: string;
  readonly access: Access;
  /** Mesh whose operators' certificates count; absent: none does. */
  readonly trustDomain?: string;
}

/** Undefined: nothing was shown. Three kinds of bearer tokens: this machine's, a service account's, an identity provider's. */
export type Authenticate = (evidence: Evidence) => Promise<Shown | undefined>;

const BEARER = /^Bearer ([\x21-\x7e]{1,8192})$/i;
const UNKNOWN: Shown = {
  ok: false,
  why: "The token is not known here. It may be of another control plane.",
};

export function authenticator({ localToken, access, trustDomain }: Credentials): Authenticate {
  const checkJwt = access.jwt === undefined ? undefined : jwtCheck(access.jwt);
  const local = localToken === undefined ? undefined : sha256(localToken);
  const accounts = access.accounts.map((each) => ({
    ...each,
    hash: Buffer.from(each.tokenSha256, "hex"),
  }));
  return async ({ authorization, isLocal, certificate }) => {
    if (authorization === undefined) {
      return certificate && judgeCertificate(certificate, { access, trustDomain });
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return { ok: false, why: "Write Authorization: Bearer TOKEN." };
    const hash = sha256(token);
    if (local !== undefined && timingSafeEqual(hash, local)) {
      if (!isLocal)
        return { ok: false, why: "This machine's token counts on this machine only: use another." };
      return {
        ok: true,
        principal: { name: "local", roles: ["admin"], verbs: verbsOf(["admin"]) },
      };
    }
    const account = accounts.find((each) => timingSafeEqual(hash, each.hash));
    if (account !== undefined) {
      const { name, verbs, services } = account;
      return {
        ok: true,
        principal: {
          name,
          roles: [],
          verbs: new Set(verbs),
          ...(services !== undefined && { services }),
        },
      };
    }
    if (checkJwt !== undefined && token.split(".").length === 3) return checkJwt(token);
    return UNKNOWN;
  };
}

const UNLISTED = { roles: ["operator"], groups: [] } as const;

/** `qmesh certs operator NAME`; without a word in the access file its role is operator. */
function judgeCertificate(
  { isVerified, subjectAltName }: ShownCertificate,
  { access, trustDomain }: { access: Access; trustDomain: string | undefined },
): Shown {
  if (!isVerified)
    return { ok: false, why: "The certificate is not of this mesh, or not in its time." };
  const id = spiffeIdIn(subjectAltName);
  if (id === undefined || id.trustDomain !== trustDomain || id.holder.kind !== "operator")
    return {
      ok: false,
      why: "The certificate is for no operator of this mesh (qmesh certs operator).",
    };
  const { name } = id.holder;
  const { roles, groups } = access.operators?.find((each) => each.name === name) ?? UNLISTED;
  return { ok: true, principal: { name, roles, groups, verbs: verbsOf(roles) } };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
