import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The Ed25519 key that signs checkpoints of the log. Made at the first start, readable by its owner only; the public half
 * lies beside it, to be kept elsewhere by whoever wants to verify without believing this machine.
 */
export interface AuditKey extends PublicAuditKey {
  sign(text: string): string;
}

export interface PublicAuditKey {
  /** SHA-256 of the public key (SPKI, DER), hex. */
  readonly fingerprint: string;
  /** `signature`: base64. */
  verifies(text: string, signature: string): boolean;
}

export function privateKeyFile(dir: string): string {
  return join(dir, "audit-key.pem");
}

export function publicKeyFile(dir: string): string {
  return join(dir, "audit-key.pub");
}

/** Undefined if there is none yet. Throws one sentence about what is no Ed25519 key. */
export function readAuditKey(dir: string): AuditKey | undefined {
  const file = privateKeyFile(dir);
  if (!existsSync(file)) return undefined;
  try {
    return auditKey(dir, createPrivateKey(readFileSync(file)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: cannot be used (${why}): bring back the key of this log.`, {
      cause: error,
    });
  }
}

/** Throws if there is one already. */
export function makeAuditKey(dir: string): AuditKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(privateKeyFile(dir), pem, { mode: 0o600, flag: "wx", flush: true });
  return auditKey(dir, privateKey);
}

/** Lays the public half beside it, if it is not there. */
function auditKey(dir: string, privateKey: KeyObject): AuditKey {
  const publicKey = createPublicKey(privateKey);
  const half = publicHalf(publicKey);
  const file = publicKeyFile(dir);
  if (!existsSync(file)) writeFileSync(file, publicKey.export({ type: "spki", format: "pem" }));
  return { ...half, sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64") };
}

/** Throws on what is no Ed25519 key. */
export function parsePublicKey(pem: string): PublicAuditKey {
  return publicHalf(createPublicKey(pem));
}

function publicHalf(key: KeyObject): PublicAuditKey {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("not an Ed25519 key");
  const der = key.export({ type: "spki", format: "der" });
  return {
    fingerprint: createHash("sha256").update(der).digest("hex"),
    verifies: (text, signature) =>
      verify(null, Buffer.from(text), key, Buffer.from(signature, "base64")),
  };
}
