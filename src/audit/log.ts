import { MAX_BODY_BYTES, type Store } from "../store/store.ts";
import { type Chained, chained, type Head, linkOf } from "./chain.ts";
import { lineHash, readCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { CheckpointFiles } from "./checkpoint-files.ts";
import { type AuditKey, makeAuditKey, privateKeyFile, readAuditKey } from "./key.ts";
import { AUDIT_STREAM, type AuditRecord, auditRecord } from "./record.ts";

/**
 * The append-only log. Records that come while the store is busy wait and go as one append; if the store refuses it, all of
 * them are refused and the chain is as before. A checkpoint is signed every `CHECKPOINT_ENTRIES`, and at the latest
 * `CHECKPOINT_MS` after an entry that none covers; the head after every append.
 */
export interface AuditLogOptions {
  readonly store: Store;
  /** Where key and checkpoints are. */
  readonly dir: string;
  readonly now: () => Date;
  /** Each checkpoint, to be kept outside this machine too. */
  readonly onCheckpoint?: (line: string) => void;
}

const CHECKPOINT_ENTRIES = 256;
const CHECKPOINT_MS = 60_000;

/** Half of what the store takes: evidence belongs into a record as counts, not as samples. */
const LARGEST_BYTES = MAX_BODY_BYTES / 2;

/** At most so many go as one append: fewer than between two checkpoints. */
const BATCH = 200;

interface Waiting {
  readonly record: AuditRecord;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Rejects with one sentence if the key of a log that has entries is gone. */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { store, dir } = options;
  const isNew = (await store.head(AUDIT_STREAM)) === 0;
  const key = readAuditKey(dir) ?? (isNew ? makeAuditKey(dir) : undefined);
  if (key === undefined)
    throw new Error(
      `${privateKeyFile(dir)}: is missing, and the audit log beside it has entries: bring it back, or move the folder away to begin anew.`,
    );
  const files = new CheckpointFiles(dir);
  const damage = await adoptHead({ store, files, key });
  const log = new AuditLog(options, { key, files, head: await headOf(store, key), damage });
  log.signHead();
  return log;
}

interface Opened {
  readonly key: AuditKey;
  readonly files: CheckpointFiles;
  readonly head: Head;
  readonly damage: string | undefined;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #key: AuditKey;
  readonly #files: CheckpointFiles;
  readonly #waiting: Waiting[] = [];
  /** What was found wrong with the end of the log at the start, as a sentence; `qmesh audit verify` tells where. */
  readonly damage: string | undefined;
  #head: Head;
  #signedSize: number;
  #isWriting = false;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: string | undefined;

  constructor(options: AuditLogOptions, { key, files, head, damage }: Opened) {
    this.#options = options;
    this.#key = key;
    this.#files = files;
    this.damage = damage;
    this.#head = head;
    this.#signedSize = head.index;
  }

  /** Entries that are durable. */
  get size(): number {
    return this.#head.index;
  }

  /** Why the newest checkpoint or head could not be written; it is tried again with the next record. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Resolves to the index of the entry once it is durable. Rejects with the store's refusal, or, alone, a record that is none
   * or is too large.
   */
  append(record: AuditRecord): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record: plain(record), resolve, reject });
      if (!this.#isWriting) this.#writing = this.#writeAll();
    });
  }

  /** After what waits is written; the store stays open. */
  async close(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
    if (this.#head.index > this.#signedSize) this.#signCheckpoint(this.#head);
  }

  /** The newest word on where the log ends. */
  signHead(): void {
    this.#guarded(() => this.#files.setHead(this.#signed(this.#head)));
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // Whoever comes in this same step goes along.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      try {
        await this.#write(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
        // What a failed disk kept of it is not known.
        this.#head = await headOf(this.#options.store, this.#key).catch(() => this.#head);
      }
    }
    // Without a pause after the last look at who waits.
    this.#isWriting = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const links: Chained[] = [];
    for (const { record } of batch) links.push(chained(links.at(-1)?.head ?? this.#head, record));
    const first = this.#head.index + 1;
    const head = links.at(-1)?.head ?? this.#head;
    const bodies = links.map(({ body }) => body);
    const last = await this.#options.store.append(AUDIT_STREAM, bodies);
    if (last !== head.index) throw new Error("invariant: only the log writes its stream");
    this.#head = head;
    const due = links.find((link) => link.head.index === this.#signedSize + CHECKPOINT_ENTRIES);
    if (due !== undefined) this.#signCheckpoint(due.head);
    else this.#timer ??= setTimeout(() => this.#signCheckpoint(this.#head), CHECKPOINT_MS).unref();
    this.signHead();
    for (const [i, { resolve }] of batch.entries()) resolve(first + i);
  }

  #signCheckpoint(head: Head): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#guarded(() => {
      const line = this.#signed(head);
      this.#files.append(line);
      this.#signedSize = head.index;
      this.#options.onCheckpoint?.(line);
      this.#files.setHead(this.#signed(this.#head));
    });
  }

  #signed(head: Head): string {
    const at = this.#options.now().toISOString();
    return signCheckpoint(this.#key, {
      head,
      previous: lineHash(this.#files.lastLine),
      at,
    });
  }

  /** The record is durable whatever becomes of the words about it. */
  #guarded(write: () => void): void {
    try {
      write();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }
}

/** As it will be read: what JSON leaves out is left out. Throws on what is no record. */
function plain(record: AuditRecord): AuditRecord {
  const text = JSON.stringify(record);
  if (Buffer.byteLength(text) > LARGEST_BYTES)
    throw new RangeError(`invariant: an audit record has at most ${LARGEST_BYTES} bytes`);
  return auditRecord.parse(JSON.parse(text));
}

/** From the last entry there is; the number the store gives next is what counts. */
async function headOf(store: Store, key: AuditKey): Promise<Head> {
  const [last] = await store.read(AUDIT_STREAM, { limit: 1, reverse: true });
  const index = await store.head(AUDIT_STREAM);
  return { index, hash: (last && linkOf(last.body)?.hash) ?? key.fingerprint };
}

/**
 * The last word of the run before becomes a checkpoint, so that this run cannot wipe out what it said. Gives why the log
 * does not bear it out.
 */
async function adoptHead({
  store,
  files,
  key,
}: {
  store: Store;
  files: CheckpointFiles;
  key: AuditKey;
}): Promise<string | undefined> {
  const line = files.head;
  if (line === undefined) return undefined;
  const said = readCheckpoint(line, key);
  if (typeof said === "string") return `${files.headFile}: ${said}.`;
  if (said.size === 0) return undefined;
  if (said.size > sizeOf(files.lastLine, key)) files.append(line);
  const [entry] = await store.read(AUDIT_STREAM, { after: said.size - 1, limit: 1 });
  if (entry?.seq === said.size && linkOf(entry.body)?.hash === said.hash) return undefined;
  return `the audit log no longer has the entry ${said.size} it ended with.`;
}

function sizeOf(line: string | undefined, key: AuditKey): number {
  const read = line === undefined ? "is not there" : readCheckpoint(line, key);
  return typeof read === "string" ? 0 : read.size;
}
