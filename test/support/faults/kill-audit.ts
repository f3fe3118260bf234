import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "../../../bench/temporary-folder.ts";
import { AUDIT_FIELDS, AUDIT_STREAM } from "../../../src/audit/record.ts";
import { readLibsqlStore } from "../../../src/store/libsql-store.ts";
import { verifyFolder } from "../../audit/rig.ts";
import { projectRoot } from "../project-root.ts";

export interface KillReport {
  /** Over all rounds. */
  readonly acknowledged: number;
  readonly entries: number;
  /** Acknowledged, and not in the log under their number afterwards. */
  readonly lost: readonly string[];
  /** What verify found wrong, by round. */
  readonly broken: readonly string[];
}

const WRITER = join(projectRoot, "dist/test/support/faults/audit-writer.js");

/** Kills a process that appends, once it has had so many records acknowledged, and looks at what is left; one folder. */
export async function killAudit(rounds: number, seed: number): Promise<KillReport> {
  const dir = temporaryFolder();
  const acknowledged: string[] = [];
  const broken: string[] = [];
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...(await killOnce(dir, `r${round}`, 1 + ((seed + round * 379) % 900))));
    const verdict = await verifyFolder(dir);
    if (!verdict.ok) broken.push(`round ${round}: entry ${verdict.index}: ${verdict.why}`);
  }
  const there = await entriesOf(dir);
  const lost = acknowledged.filter((line) => !there.has(line));
  return { acknowledged: acknowledged.length, entries: there.size, lost, broken };
}

/** Lines `INDEX ID` that reached us before the end. */
async function killOnce(dir: string, prefix: string, after: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, dir, prefix], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === after) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  if (child.signalCode !== "SIGKILL")
    throw new Error(`the writer ended by itself: ${child.exitCode}`);
  return lines;
}

async function entriesOf(dir: string): Promise<Set<string>> {
  const store = readLibsqlStore(dir, AUDIT_FIELDS);
  const entries = await store.read(AUDIT_STREAM, { limit: Number.MAX_SAFE_INTEGER });
  await store.close();
  return new Set(
    entries.map(
      ({ seq, body }) => `${seq} ${(JSON.parse(body) as { record: { id: string } }).record.id}`,
    ),
  );
}
