import { refuseNotYet } from "./automation/not-yet.ts";
import type { ReadBeside } from "./beside-file.ts";
import { type ParsedIntent, parseIntent } from "./parse.ts";
import type { PolicyFile } from "./source.ts";

/** Intent that this program can carry out: what the language knows beyond that is refused by name. */
export function parseForUse(files: readonly PolicyFile[], read: ReadBeside): ParsedIntent {
  return parseIntent(files, read, refuseNotYet);
}
