import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyPair } from "./certificate.ts";

/**
 * All that one holder of a certificate needs, in a folder that can be copied to where it runs: whom to believe, who it is, and the
 * key. Every file is replaced in one step, the key before its certificate: who reads between the two finds a pair that does
 * not fit, keeps what it had and reads again.
 */
export interface Holding extends KeyPair {
  /** PEM, the authorities that are believed, the newest first. */
  readonly authorities: string;
}

export function filesIn(folder: string) {
  return {
    authorities: join(folder, "ca.crt"),
    certificate: join(folder, "tls.crt"),
    privateKey: join(folder, "tls.key"),
  } as const;
}

/** Throws as `readFileSync` does. */
export function readHolding(folder: string): Holding {
  const files = filesIn(folder);
  return {
    authorities: readFileSync(files.authorities, "utf8"),
    certificate: readFileSync(files.certificate, "utf8"),
    privateKey: readFileSync(files.privateKey, "utf8"),
  };
}

export function writeHolding(
  folder: string,
  { authorities, certificate, privateKey }: Holding,
): void {
  const files = filesIn(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writePublic(files.authorities, authorities);
  writeSecret(files.privateKey, privateKey);
  writePublic(files.certificate, certificate);
}

export function writePublic(file: string, text: string): void {
  replace(file, text, 0o644);
}

/** Nobody but the owner reads it. */
export function writeSecret(file: string, text: string): void {
  replace(file, text, 0o600);
}

function replace(file: string, text: string, mode: number): void {
  const next = `${file}.new`;
  writeFileSync(next, text, { mode });
  // A file left over from a crash would keep its own mode.
  chmodSync(next, mode);
  renameSync(next, file);
}
