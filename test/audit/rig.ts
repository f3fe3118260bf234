import { readFileSync } from "node:fs";
import { checkpointsFile, headFile, readIfThere } from "../../src/audit/checkpoint-files.ts";
import { parsePublicKey, publicKeyFile } from "../../src/audit/key.ts";
import { type AuditLog, openAuditLog } from "../../src/audit/log.ts";
import { AUDIT_FIELDS } from "../../src/audit/record.ts";
import { type Verdict, verify } from "../../src/audit/verify.ts";
import {
  type LibsqlStore,
  openLibsqlStore,
  readLibsqlStore,
} from "../../src/store/libsql-store.ts";

export interface LogRig {
  readonly store: LibsqlStore;
  readonly log: AuditLog;
  close(): Promise<void>;
}

/** A log on a real store in a folder. */
export async function openLog(dir: string, freeBytes?: () => number): Promise<LogRig> {
  const store = openLibsqlStore({
    dir,
    fields: AUDIT_FIELDS,
    nowMs: () => performance.now(),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  });
  try {
    const log = await openAuditLog({ store, dir, now: () => new Date() });
    return {
      store,
      log,
      close: async () => {
        await log.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** As `qmesh audit verify` does. */
export async function verifyFolder(dir: string): Promise<Verdict> {
  const store = readLibsqlStore(dir, AUDIT_FIELDS);
  const verdict = await verify({
    store,
    key: parsePublicKey(readFileSync(publicKeyFile(dir), "utf8")),
    checkpoints: readIfThere(checkpointsFile(dir)),
    head: readIfThere(headFile(dir)),
  });
  await store.close();
  return verdict;
}
