import { z } from "zod";
import { canonical } from "../policy/digest.ts";
import { type Head, sha256 } from "./chain.ts";
import type { AuditKey, PublicAuditKey } from "./key.ts";

/**
 * A signed word on how long the log was and what its last hash was. Lines of a file beside the database, each holding the
 * hash of the line before, so that neither the log nor the file can lose its end, or a line, unseen.
 */
const checkpoint = z.strictObject({
  /** When it was signed, ISO 8601. */
  at: z.string(),
  /** Of the entry `size`; the fingerprint of the key if that is 0. */
  hash: z.string(),
  /** Fingerprint. */
  key: z.string(),
  /** Hash of the line before, 64 zeros before the first. */
  previous: z.string(),
  /** Entries in the log. */
  size: z.int().min(0),
  /** Ed25519 over the canonical JSON of the rest, base64. */
  signature: z.string(),
});

export type Checkpoint = z.infer<typeof checkpoint>;

export const NO_LINE = "0".repeat(64);

/** One line, without its end. */
export function signCheckpoint(
  key: AuditKey,
  { head, previous, at }: { readonly head: Head; readonly previous: string; readonly at: string },
): string {
  const signed = { at, hash: head.hash, key: key.fingerprint, previous, size: head.index };
  return canonical({ ...signed, signature: key.sign(canonical(signed)) });
}

/** Why the line is no checkpoint of this key, as the end of a sentence. */
export function readCheckpoint(line: string, key: PublicAuditKey): Checkpoint | string {
  const parsed = checkpoint.safeParse(jsonOf(line));
  if (!parsed.success) return "is not a checkpoint";
  const { signature, ...signed } = parsed.data;
  if (signed.key !== key.fingerprint) return "was signed by another key";
  return key.verifies(canonical(signed), signature)
    ? parsed.data
    : "has a signature that does not fit";
}

/** Lines that were written to their end; the rest of one that was not is no line. */
export function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

/** Of a line, as the next one names it. */
export function lineHash(line: string | undefined): string {
  return line === undefined ? NO_LINE : sha256(line);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
