import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { temporaryFolder } from "../../../bench/temporary-folder.ts";
import type { JwtAccess } from "../../../src/api/auth/access-file.ts";

/** Issues tokens, good and bad, for an API that trusts its keys. */
export const ISSUER = "https://login.example";
export const AUDIENCE = "qmesh";

export interface IdentityProvider {
  readonly access: JwtAccess;
  /** The public key as text, as an attacker has it. */
  readonly publicPem: string;
  readonly privateKey: CryptoKey;
  token(claims?: JWTPayload, header?: { alg: string; kid?: string }): Promise<string>;
}

export async function identityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const jwks = join(temporaryFolder(), "jwks.json");
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...jwk, kid: "k1", alg: "ES256", use: "sig" }] }));
  return {
    access: { issuer: ISSUER, audience: AUDIENCE, jwks, rolesClaim: "roles" },
    publicPem: JSON.stringify(jwk),
    privateKey,
    token: (claims = {}, header = { alg: "ES256", kid: "k1" }) =>
      new SignJWT(goodClaims(claims)).setProtectedHeader(header).sign(privateKey),
  };
}

export function goodClaims(claims: JWTPayload): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: "mira", iat: now, exp: now + 300, ...claims };
}
