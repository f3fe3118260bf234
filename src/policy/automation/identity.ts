/** `Identity`: whose tokens (JWT) are believed, by issuer, audience and public keys, in the document or in a file beside it. */
import { z } from "zod";
import type { ReadBeside } from "../beside-file.ts";
import { canonical } from "../digest.ts";
import type { Draft } from "../draft.ts";
import { fields } from "../fields.ts";
import type { Identity } from "../intent/identity.ts";
import { isMapping } from "../source.ts";
import { webAddress } from "../web-address.ts";

const MOST_KEYS = 64;
/** Of a private or a shared key; they have no place in intent. */
const SECRET_PARTS = ["d", "p", "q", "dp", "dq", "qi", "k"];

export const identitySpec = fields({
  issuer: z.string().min(1).max(1024).exactOptional(),
  audiences: z.array(z.string().min(1).max(1024)).max(64).default([]),
  jwks: fields({
    file: z.string().min(1).max(1024).exactOptional(),
    inline: z.record(z.string(), z.unknown()).exactOptional(),
    uri: webAddress().exactOptional(),
    /** Through which `uri` is reached. */
    service: z.string().min(1).max(63).exactOptional(),
  }).exactOptional(),
});

export type IdentitySpec = z.output<typeof identitySpec>;

export function checkIdentity(draft: Draft<IdentitySpec>, read: ReadBeside): void {
  const { issuer, audiences, jwks } = draft.spec;
  if (issuer === undefined) draft.lacks("QM0007", ["issuer"], "missing; the `iss` of its tokens");
  if (audiences.length === 0) draft.lacks("QM0007", ["audiences"], "missing; whom tokens are for");
  if (jwks === undefined) {
    const forms = "{file: keys.json}, {inline: {keys: [...]}} or {uri: https://..., service: NAME}";
    draft.lacks("QM0007", ["jwks"], `missing; ${forms}`);
    return;
  }
  const { file, inline, uri, service } = jwks;
  if ([file, inline, uri].filter((each) => each !== undefined).length !== 1) {
    draft.lacks("QM0115", ["jwks"], "is not one of file, inline and uri");
  } else if ((uri === undefined) !== (service === undefined)) {
    draft.lacks(
      "QM0115",
      ["jwks"],
      "has only one of uri and service; keys are fetched from a Service",
    );
  } else if (uri === undefined) {
    const path = ["jwks", jwks.file === undefined ? "inline" : "file"];
    const keys = keySetOf(draft, jwks, read);
    const fault = typeof keys === "string" ? keys : keysFault(keys);
    if (fault !== undefined) draft.wrong("QM0031", path, fault);
  }
}

/** The set of keys, or why there is none. */
function keySetOf(
  draft: Draft<IdentitySpec>,
  { file, inline }: NonNullable<IdentitySpec["jwks"]>,
  read: ReadBeside,
): unknown {
  if (file === undefined) return inline;
  const found = read(draft.source.file, file);
  if (!found.ok) return `${file} cannot be read (${found.why})`;
  try {
    return JSON.parse(found.text) as unknown;
  } catch {
    return `${file} is not JSON`;
  }
}

function keysFault(set: unknown): string | undefined {
  const keys = isMapping(set) ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) return "has no list `keys`";
  if (keys.length > MOST_KEYS) return `has ${keys.length} keys; at most ${MOST_KEYS}`;
  for (const [index, key] of keys.entries()) {
    if (!isMapping(key) || (key.kty !== "RSA" && key.kty !== "EC" && key.kty !== "OKP")) {
      return `key ${index} is not of kty RSA, EC or OKP`;
    }
    const secret = SECRET_PARTS.find((part) => Object.hasOwn(key, part));
    if (secret !== undefined) return `key ${index} holds ${secret}, a part of a private key`;
  }
  return undefined;
}

export function toIdentity(
  draft: Draft<IdentitySpec>,
  owner: string | undefined,
  read: ReadBeside,
): Identity {
  const { issuer, audiences, jwks } = draft.spec;
  if (issuer === undefined || jwks === undefined) {
    throw new Error(`invariant: Identity ${draft.name} was not checked`);
  }
  return {
    name: draft.name,
    ...(owner !== undefined && { owner }),
    issuer,
    audiences,
    jwks:
      jwks.uri !== undefined && jwks.service !== undefined
        ? { uri: jwks.uri, service: jwks.service }
        : canonical(keySetOf(draft, jwks, read)),
  };
}
