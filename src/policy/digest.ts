/**
 * The identity of intent: SHA-256 over JSON with sorted keys. Documents are ordered by name before they come here, so files,
 * documents and keys may stand in any order; lists keep theirs, which has meaning.
 */
import { createHash } from "node:crypto";
import { compareText } from "./report.ts";

export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}
