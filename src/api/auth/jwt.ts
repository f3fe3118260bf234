import { readFileSync } from "node:fs";
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import type { JwtAccess } from "./access-file.ts";
import type { Shown } from "./principal.ts";
import { isRole, verbsOf } from "./roles.ts";

/** Asymmetric ones only: a public key must never be taken for the secret of an HMAC. */
const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

/** Clocks of two machines; RFC 7519 speaks of "a few minutes" at most. */
const LEEWAY_SECONDS = 60;

/** A stolen token must not be good for ever. */
const MAX_AGE_SECONDS = 86_400;

export type JwtCheck = (token: string) => Promise<Shown>;

/** Throws if a file of keys cannot be read; keys at an address are fetched when the first token comes. */
export function jwtCheck({ issuer, audience, jwks, rolesClaim }: JwtAccess): JwtCheck {
  const keys = URL.canParse(jwks)
    ? createRemoteJWKSet(new URL(jwks))
    : createLocalJWKSet(JSON.parse(readFileSync(jwks, "utf8")) as JSONWebKeySet);
  const rules = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: LEEWAY_SECONDS,
    maxTokenAge: MAX_AGE_SECONDS,
    requiredClaims: ["exp", "sub"],
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      const claimed = payload[rolesClaim];
      const listed = [claimed].flat();
      const roles = listed.filter(isRole);
      const groups = listed.filter(
        (each): each is string => typeof each === "string" && !isRole(each),
      );
      const name = String(payload.sub);
      return { ok: true, principal: { name, roles, groups, verbs: verbsOf(roles) } };
    } catch (error) {
      return { ok: false, why: whyNot(error) };
    }
  };
}

/** The library's messages hold claims of the token; its codes do not. */
function whyNot(error: unknown): string {
  const { code, claim } = error as { readonly code?: string; readonly claim?: string };
  if (code === "ERR_JWT_EXPIRED") return "The token has expired: get a new one.";
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED")
    return `The token's claim ${claim} is not what this control plane expects.`;
  if (code === "ERR_JWKS_TIMEOUT" || code === undefined)
    return "The keys of the identity provider cannot be had now: try again.";
  return "The token is not signed by a key and an algorithm this control plane trusts.";
}
