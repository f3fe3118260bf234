import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ReadBeside } from "../policy/beside-file.ts";

/** A certificate chain or a list of endpoints is far smaller; whatever is larger was not meant. */
const MOST_BYTES = 4_194_304;

/** Reads a file beside a document. Each file once: a set is checked and made from the same text. */
export function besideReader(): ReadBeside {
  const known = new Map<string, ReturnType<ReadBeside>>();
  return (documentFile, path) => {
    const absolutePath = resolve(dirname(documentFile), path);
    const found = known.get(absolutePath) ?? read(absolutePath);
    known.set(absolutePath, found);
    return found;
  };
}

function read(absolutePath: string): ReturnType<ReadBeside> {
  try {
    const { size } = statSync(absolutePath);
    if (size > MOST_BYTES) return { ok: false, why: `${size} bytes is above ${MOST_BYTES}` };
    return { ok: true, absolutePath, text: readFileSync(absolutePath, "utf8") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, why: code ?? message };
  }
}
