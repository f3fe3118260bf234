import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for one test, and how to be rid of it. */
export function temporaryFolder(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "qmesh-test-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
