import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();
process.once("exit", removeTemporaryFolders);

/** A new folder, of benchmarks and of tests; this process removes it, with all that is in it, when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "qmesh-test-"));
  made.add(folder);
  return folder;
}

/** For a process that is ended from outside, and so does not see its own end. */
export function removeTemporaryFolders(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
  made.clear();
}
