import { readFileSync } from "node:fs";
import { checkpointsFile, headFile, readIfThere } from "../audit/checkpoint-files.ts";
import { readIncident } from "../audit/incident-records.ts";
import { type PublicAuditKey, parsePublicKey, publicKeyFile } from "../audit/key.ts";
import { postmortem } from "../audit/postmortem.ts";
import { AuditReader } from "../audit/reader.ts";
import { AUDIT_FIELDS, AUDIT_STREAM, type AuditRecord } from "../audit/record.ts";
import { weeklyReview } from "../audit/review.ts";
import { verify } from "../audit/verify.ts";
import { StoreUnusable } from "../store/database.ts";
import { readLibsqlStore } from "../store/libsql-store.ts";
import type { Store } from "../store/store.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat, say } from "./output.ts";
import { withProgress } from "./progress.ts";

const PAGE = 1000;

/** `qmesh audit verify [--data DIR] [--key FILE]`: offline, also while a control plane writes. */
export async function verifyAudit(options: {
  data: string;
  key?: string;
  output: "table" | StructuredFormat;
}): Promise<number> {
  const { data, output } = options;
  const key = readKey(options.key ?? publicKeyFile(data));
  const checkpoints = readIfThere(checkpointsFile(data));
  const head = readIfThere(headFile(data));
  const store = openStore(data);
  const verdict = await withProgress("reading the log", verify({ store, key, checkpoints, head }));
  await store.close();
  if (output !== "table") {
    printStructured(verdict, output);
    return verdict.ok ? EXIT.fine : EXIT.failed;
  }
  if (verdict.ok) {
    say(
      `${verdict.entries} entries, ${verdict.checkpoints} signed words about them: all as written.`,
    );
    return EXIT.fine;
  }
  say(`entry ${verdict.index}: ${verdict.why}.`);
  return EXIT.failed;
}

/** `qmesh audit export [--data DIR]`: every entry as it is stored, one a line. */
export async function exportAudit({ data }: { data: string }): Promise<number> {
  const store = openStore(data);
  let after = 0;
  for (;;) {
    const page = await store.read(AUDIT_STREAM, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) break;
    await write(page.map(({ body }) => `${body}\n`).join(""));
    after = last.seq;
  }
  await store.close();
  return EXIT.fine;
}

/** `qmesh postmortem ID [--data DIR]`: from the log, offline; markdown on stdout. */
export async function writePostmortem(id: string, { data }: { data: string }): Promise<number> {
  const store = openStore(data);
  const incident = await readIncident(new AuditReader(store), id);
  await store.close();
  if (incident === undefined)
    throw new Failure(
      `${id}: is not in the audit log of ${data}: name a decision, an action or another record.`,
    );
  await write(postmortem(incident));
  return EXIT.fine;
}

const WEEK_MS = 7 * 86_400_000;

/** `qmesh review --week [--data DIR]`: the last seven days of the log, offline; markdown on stdout. */
export async function writeReview({ data }: { data: string }): Promise<number> {
  const to = new Date();
  const from = new Date(to.getTime() - WEEK_MS).toISOString();
  const store = openStore(data);
  const reader = new AuditReader(store);
  const records: AuditRecord[] = [];
  let before: number | undefined;
  do {
    const page = await reader.list({ limit: PAGE, from, ...(before !== undefined && { before }) });
    records.push(...page.records);
    before = page.next;
  } while (before !== undefined);
  await store.close();
  await write(weeklyReview(records.reverse(), { from, to: to.toISOString() }));
  return EXIT.fine;
}

function openStore(data: string): Pick<Store, "read" | "head" | "close"> {
  try {
    return readLibsqlStore(data, AUDIT_FIELDS);
  } catch (error) {
    if (error instanceof StoreUnusable) throw new Failure(error.message);
    throw error;
  }
}

function readKey(file: string): PublicAuditKey {
  try {
    return parsePublicKey(readFileSync(file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "is not there" : `is no public Ed25519 key (${message})`;
    throw new Failure(
      `${file}: ${why}: name the audit-key.pub of the control plane that wrote the log.`,
    );
  }
}

/** Waits for a reader that is slower. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
  );
}
