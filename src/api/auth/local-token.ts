import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The token of this machine: made at the first start, kept in the data folder, readable by its owner only. Who can read the
 * file may do everything, from this machine only: it counts on loopback and nowhere else.
 */
export interface LocalToken {
  readonly text: string;
  readonly file: string;
  /** It was made just now: to be shown once. */
  readonly isNew: boolean;
}

/** So that a leaked one is recognised for what it is. */
const PREFIX = "qmesh_";
const FORM = /^qmesh_[A-Za-z0-9_-]{43}$/;

/** Throws one sentence if the file cannot be used. */
export function localToken(dataDir: string): LocalToken {
  const file = localTokenFile(dataDir);
  const text = `${PREFIX}${randomBytes(32).toString("base64url")}`;
  try {
    mkdirSync(dataDir, { recursive: true });
    // `wx`: of two that start at once one makes it, the other reads it.
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
    return { text, file, isNew: true };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return { text: readLocalToken(file), file, isNew: false };
    throw new Error(`${file}: cannot be written (${code ?? message}): name another with --data.`);
  }
}

export function localTokenFile(dataDir: string): string {
  return join(dataDir, "api-token");
}

function readLocalToken(file: string): string {
  const text = readFileSync(file, "utf8").trim();
  if (FORM.test(text)) return text;
  throw new Error(`${file}: is no token of this program: delete it, and a new one is made.`);
}
