import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ROLES, VERBS } from "./roles.ts";

/**
 * Who else may use the API (`--access FILE`, YAML): people by tokens of an identity provider, programs by tokens of their
 * own, of which only the SHA-256 is written down.
 */
const jwtAccess = z.strictObject({
  issuer: z.url(),
  audience: z.string().min(1),
  /** Address of the provider's keys, or a file beside this one. */
  jwks: z.string().min(1),
  /** Claim that lists the roles; what is no role of ours is passed over. */
  rolesClaim: z.string().min(1).default("roles"),
});

const account = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "small letters, digits, . _ -"),
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"),
  verbs: z.array(z.enum(VERBS)).min(1),
  /** Absent: all. */
  services: z.array(z.string().min(1)).min(1).exactOptional(),
});

const accessFile = z.strictObject({
  jwt: jwtAccess.exactOptional(),
  accounts: z.array(account).default([]),
  /** Holders of operators' certificates; who is not here has role operator. */
  operators: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(253),
        roles: z.array(z.enum(ROLES)),
        groups: z.array(z.string().min(1).max(253)).default([]),
      }),
    )
    .exactOptional(),
});

export type JwtAccess = z.infer<typeof jwtAccess>;
export type Access = z.infer<typeof accessFile>;

export const NO_ACCESS: Access = { accounts: [] };

/** Throws every problem at once, a line each, with file and path. */
export function readAccessFile(file: string): Access {
  const result = accessFile.safeParse(readYaml(file));
  if (!result.success) {
    throw new Error(
      result.error.issues
        .map(({ path, message }) => `${file}: ${path.join(".") || "the document"}: ${message}`)
        .join("\n"),
    );
  }
  const { accounts, jwt } = result.data;
  const doubled = accounts.find(
    (each, at) => accounts.findIndex(({ name }) => name === each.name) !== at,
  );
  if (doubled !== undefined) throw new Error(`${file}: accounts: ${doubled.name} is there twice`);
  if (jwt === undefined || URL.canParse(jwt.jwks)) return result.data;
  return { ...result.data, jwt: { ...jwt, jwks: resolve(dirname(file), jwt.jwks) } };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8")) as unknown;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: ${code === undefined ? message : `cannot be read (${code})`}`);
  }
}
