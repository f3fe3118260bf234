import { EventEmitter, once } from "node:events";
import { type Connection, codeOf, openForReading, openForWriting, textOf } from "./database.ts";
import { Entries } from "./entries.ts";
import { GroupCommit, type Write } from "./group-commit.ts";
import { Leases } from "./leases.ts";
import { Room } from "./room.ts";
import {
  type Entry,
  type IndexedFields,
  type Lease,
  MAX_BODY_BYTES,
  type Query,
  type Store,
  type StoreHealth,
  StoreRefusal,
} from "./store.ts";

/**
 * The embedded engine: one libsql file in one folder, one process that writes it. Writes are committed in groups
 * (`group-commit.ts`). What cannot be written is refused, and every later write tries anew. docs/store.md.
 */
export interface LibsqlStoreOptions {
  readonly dir: string;
  /** What may be asked for by `where`. */
  readonly fields: IndexedFields;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Room on the disk of a folder, bytes. */
  readonly freeBytes?: (dir: string) => number;
}

/** The log is folded into the file when nothing was written for so long. */
const IDLE_MS = 1000;

const WATCH_PAGE = 256;

/** Opens, or makes, the store of a folder. Throws StoreUnusable. */
export function openLibsqlStore(options: LibsqlStoreOptions): LibsqlStore {
  const { db, lock } = openForWriting(options.dir);
  return new LibsqlStore(db, lock, options);
}

/** The entries of a store that may be in use by its control plane. Throws StoreUnusable. */
export function readLibsqlStore(
  dir: string,
  fields: IndexedFields,
): Pick<Store, "read" | "head" | "close"> {
  const db = openForReading(dir);
  const entries = new Entries(db, fields);
  return {
    read: async (stream, query) => entries.read(stream, query),
    head: async (stream) => entries.head(stream),
    close: async () => {
      db.close();
    },
  };
}

/** Prefer `openLibsqlStore`; a connection is handed in only to give it bounds of its own. */
export class LibsqlStore implements Store {
  readonly #db: Connection;
  readonly #lock: Connection;
  readonly #options: LibsqlStoreOptions;
  readonly #entries: Entries;
  readonly #group: GroupCommit;
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #leases: Leases;
  readonly #room: Room;
  readonly #idle: NodeJS.Timeout;
  #isClosed = false;
  #failure: string | undefined;

  constructor(db: Connection, lock: Connection, options: LibsqlStoreOptions) {
    this.#db = db;
    this.#lock = lock;
    this.#options = options;
    this.#leases = new Leases(db);
    this.#room = new Room(options.dir, options.freeBytes);
    this.#entries = new Entries(db, options.fields);
    this.#entries.makeIndexes();
    const { nowMs } = options;
    this.#group = new GroupCommit({ nowMs, commit: (writes) => this.#commit(writes) });
    this.#idle = setTimeout(() => this.#fold(), IDLE_MS).unref();
  }

  append(stream: string, bodies: readonly string[], under?: Lease): Promise<number> {
    for (const body of bodies) checkText(body);
    if (bodies.length === 0) return this.head(stream);
    return this.#write(bodies.length, under, () => this.#entries.append(stream, bodies));
  }

  async read(stream: string, query: Query): Promise<readonly Entry[]> {
    this.#refuseIfClosed();
    return this.#entries.read(stream, query);
  }

  async head(stream: string): Promise<number> {
    this.#refuseIfClosed();
    return this.#entries.head(stream);
  }

  async *watch(stream: string, after: number, signal: AbortSignal): AsyncIterable<Entry> {
    let last = after;
    while (!signal.aborted && !this.#isClosed) {
      // No await between an empty answer and the ear for the next commit, or that commit would be missed.
      const entries = this.#entries.read(stream, { after: last, limit: WATCH_PAGE });
      if (entries.length === 0) await once(this.#events, "commit", { signal }).catch(() => []);
      for (const entry of entries) {
        if (signal.aborted) return;
        last = entry.seq;
        yield entry;
      }
    }
  }

  async get(key: string): Promise<string | undefined> {
    this.#refuseIfClosed();
    const row = this.#db.prepare("SELECT value FROM documents WHERE key = ?").get(key);
    return row === undefined ? undefined : (row as { value: string }).value;
  }

  async put(key: string, value: string, under?: Lease): Promise<void> {
    checkText(value);
    await this.#write(1, under, () =>
      this.#db
        .prepare(
          "INSERT INTO documents (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .run(key, value),
    );
  }

  lease(name: string, _ttlMs: number): Promise<Lease | undefined> {
    return this.#leases.take(name, (raise) => this.#write(1, undefined, raise));
  }

  health(): StoreHealth {
    const { sizeBytes, freeBytes, lack } = this.#room;
    const cause = this.#isClosed ? "the store is closed." : (lack ?? this.#failure);
    const isWritable = cause === undefined;
    return { isWritable, sizeBytes, freeBytes, ...(isWritable ? {} : { cause }) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#group.flush();
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#events.emit("commit");
    this.#leases.endAll();
    this.#fold();
    this.#db.close();
    this.#lock.exec("ROLLBACK");
    this.#lock.close();
  }

  /** `apply` runs inside a transaction; its value is given once that is durable. */
  #write<T>(rows: number, under: Lease | undefined, apply: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#refuseIfClosed();
      let result: { readonly value: T } | undefined;
      this.#group.add({
        rows,
        apply: () => {
          this.#leases.check(under);
          result = { value: apply() };
        },
        settle: (failure) => {
          if (result !== undefined && failure === undefined) resolve(result.value);
          else reject(failure);
        },
      });
    });
  }

  #commit(writes: readonly Write[]): void {
    const refused = new Map<Write, StoreRefusal>();
    const { lack } = this.#room;
    let failure = lack === undefined ? undefined : new StoreRefusal("full", lack);
    try {
      if (failure === undefined) {
        this.#db.exec("BEGIN IMMEDIATE");
        for (const write of writes) applyOrRefuse(write, refused);
        this.#db.exec("COMMIT");
      }
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      failure = this.#toRefusal(error);
    }
    this.#failure = failure?.message;
    for (const write of writes) write.settle(failure ?? refused.get(write));
    if (failure === undefined) this.#events.emit("commit");
    this.#idle.refresh();
  }

  #toRefusal(error: unknown): StoreRefusal {
    const { dir } = this.#options;
    if (codeOf(error) === "SQLITE_FULL")
      return new StoreRefusal("full", `${dir}: the disk is full: make room.`, { cause: error });
    return new StoreRefusal("failed", `${dir}: cannot be written (${textOf(error)}).`, {
      cause: error,
    });
  }

  /** What was acknowledged is in the log: where folding fails, the log only stays longer. */
  #fold(): void {
    try {
      this.#db.pragma("wal_checkpoint(PASSIVE)");
    } catch (error) {
      this.#failure = this.#toRefusal(error).message;
    }
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new StoreRefusal("closed", "the store is closed.");
  }
}

function applyOrRefuse(write: Write, refused: Map<Write, StoreRefusal>): void {
  try {
    write.apply();
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
    refused.set(write, error);
  }
}

/** The driver reads text up to its first NUL. JSON has none. */
function checkText(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BODY_BYTES)
    throw new RangeError(`invariant: ${bytes} bytes are more than ${MAX_BODY_BYTES}`);
  if (text.includes("\0")) throw new RangeError("invariant: text with NUL");
}
