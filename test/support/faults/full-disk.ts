import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "../../../bench/temporary-folder.ts";
import { projectRoot } from "../project-root.ts";
import type { FullDiskReport } from "./full-disk-writer.ts";

const WRITER = join(projectRoot, "dist/test/support/faults/full-disk-writer.js");

/** On a memory disk of 4 MiB that only this process sees; a sentence where the system does not let one have that. */
export function fillDisk(): FullDiskReport | string {
  const dir = temporaryFolder();
  const mount = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"';
  const run = ["-rm", "sh", "-c", mount, "sh", dir, process.execPath, WRITER];
  const { status, stdout, stderr, error } = spawnSync("unshare", run, { encoding: "utf8" });
  if (status === 0) return JSON.parse(stdout) as FullDiskReport;
  return `a small disk cannot be had here (${error?.message ?? stderr.trim()})`;
}
