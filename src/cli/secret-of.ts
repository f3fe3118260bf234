import { readFileSync } from "node:fs";

/** The intent was loaded only with a file that holds it; read anew each time, so that a new secret holds at once. */
export function secretOf(file: string): string {
  return readFileSync(file, "utf8").trim();
}
