import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";

/**
 * The file of the embedded store, opened with the settings it needs: a write-ahead log flushed at every commit, checked at
 * every start. One process may write; it holds a lock that the system takes back when the process ends, however it ends.
 * Others may read meanwhile.
 */
export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[]>;

/** What stands in the way of opening, as a sentence for the operator. */
export class StoreUnusable extends Error {}

/** For a reader while a checkpoint is made. */
const BUSY_MS = 5000;

/** A commit that finds more pages in the log than this folds them in itself (16 MiB); else it is done when idle. */
const FOLD_PAGES = 4096;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (
  stream TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stream, seq)
);
CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, head INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, token INTEGER NOT NULL);
`;

export function databaseFile(dir: string): string {
  return join(dir, "state.db");
}

/** Makes the folder and the file if they are not there. Throws StoreUnusable. */
export function openForWriting(dir: string): { db: Connection; lock: Connection } {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnusable(
      `${dir}: cannot be made (${codeOf(error)}): name a folder to write to.`,
    );
  }
  const lock = takeLock(dir);
  const file = databaseFile(dir);
  try {
    const db = checked(file, (opened) => {
      opened.pragma("journal_mode = WAL");
      opened.pragma("synchronous = FULL");
      opened.pragma(`wal_autocheckpoint = ${FOLD_PAGES}`);
      opened.exec(SCHEMA);
    });
    return { db, lock };
  } catch (error) {
    lock.exec("ROLLBACK");
    lock.close();
    throw error;
  }
}

/** For a look at a store that may be in use. Throws StoreUnusable, also if there is none. */
export function openForReading(dir: string): Connection {
  const file = databaseFile(dir);
  if (!existsSync(file))
    throw new StoreUnusable(`${file}: is not there: name the data folder of a control plane.`);
  return checked(file, (opened) => opened.pragma("query_only = ON"));
}

/** Opens, prepares and checks; a file that is damaged is closed again. */
function checked(file: string, prepare: (db: Connection) => void): Connection {
  const db = opened(file, BUSY_MS);
  try {
    prepare(db);
    const [first] = db.pragma("quick_check(1)") as { quick_check: string }[];
    if (first?.quick_check === "ok") return db;
    throw new StoreUnusable(damaged(file, first?.quick_check ?? "no answer"));
  } catch (error) {
    db.close();
    if (error instanceof StoreUnusable) throw error;
    const isFull = codeOf(error) === "SQLITE_FULL";
    throw new StoreUnusable(
      isFull
        ? `${file}: the disk is full: make room and start again.`
        : damaged(file, textOf(error)),
      { cause: error },
    );
  }
}

function opened(file: string, timeout: number): Connection {
  try {
    return new Database(file, { timeout });
  } catch (error) {
    throw new StoreUnusable(`${file}: cannot be opened: check that it may be read and written.`, {
      cause: error,
    });
  }
}

function damaged(file: string, what: string): string {
  return `${file}: is damaged (${what.replaceAll("\n", " ")}): bring back a copy, or move the folder away to begin anew.`;
}

/** SQLite's own lock on an empty file works on every system and leaves with its process. */
function takeLock(dir: string): Connection {
  const lock = opened(join(dir, "lock"), 0);
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    const why =
      codeOf(error) === "SQLITE_BUSY"
        ? "is in use by another control plane: stop that one, or name another folder"
        : `cannot be locked (${textOf(error)}): name a folder to write to`;
    throw new StoreUnusable(`${dir}: ${why}.`, { cause: error });
  }
}

export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : textOf(error);
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
