/**
 * Entries that each hold the hash of the one before: `hash = SHA-256(canonical JSON of {index, prev, record})`. The first
 * `prev` is the fingerprint of the log's key, so that a log begun anew under another key is another log. An entry is itself
 * canonical JSON with `hash` as its first member, so it is checked byte by byte without being parsed.
 */
import { createHash } from "node:crypto";
import { canonical } from "../policy/digest.ts";
import type { AuditRecord } from "./record.ts";

export interface Link {
  /** Position in the log, from 1. */
  readonly index: number;
  /** SHA-256, hex. */
  readonly hash: string;
  readonly prev: string;
}

/** The end of the log: what the next entry is chained to. */
export type Head = Pick<Link, "index" | "hash">;

export interface Chained {
  /** The entry as text. */
  readonly body: string;
  readonly head: Head;
}

/** The entry that follows. The record is plain JSON. */
export function chained(head: Head, record: AuditRecord): Chained {
  const index = head.index + 1;
  const content = canonical({ index, prev: head.hash, record });
  const hash = sha256(content);
  return { body: `{"hash":"${hash}",${content.slice(1)}`, head: { index, hash } };
}

const OPENING = /^\{"hash":"([0-9a-f]{64})","index":([1-9]\d*),"prev":"([0-9a-f]{64})","record":/;
const CONTENT_AT = `{"hash":"${"0".repeat(64)}",`.length;

/** What an entry says of its place; undefined if its text is not what was hashed. */
export function linkOf(body: string): Link | undefined {
  const [, hash = "", index = "", prev = ""] = OPENING.exec(body) ?? [];
  if (hash === "" || sha256(`{${body.slice(CONTENT_AT)}`) !== hash) return undefined;
  return { index: Number(index), hash, prev };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
