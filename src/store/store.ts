/**
 * Durable state behind one small interface: ordered streams of text, small documents by key, leases. Whatever is
 * acknowledged has been flushed to disk. An engine is one implementation of it; `test/store/conformance.ts` says what every
 * one owes. What cannot be written is refused with a cause, and may be tried again: nothing of it was kept.
 */
export interface Store {
  /**
   * Adds bodies to the end of a stream, all or none, in the order of the calls; resolves to the number of the last once they
   * are durable. Numbers begin at 1 and have no gaps. `under`: refused as `fenced` unless this lease is still the newest.
   * Rejects with a StoreRefusal.
   */
  append(stream: string, bodies: readonly string[], under?: Lease): Promise<number>;

  read(stream: string, query: Query): Promise<readonly Entry[]>;

  /** Number of the last entry ever acknowledged, 0 before the first: more than the entries show if some were taken away. */
  head(stream: string): Promise<number>;

  /** Every entry after that number, those to come too, until the signal is aborted. */
  watch(stream: string, after: number, signal: AbortSignal): AsyncIterable<Entry>;

  /** Undefined if there is no such document. */
  get(key: string): Promise<string | undefined>;

  /** Replaces a document; durable once resolved. Rejects with a StoreRefusal. */
  put(key: string, value: string, under?: Lease): Promise<void>;

  /** At most one holder of a name at a time; undefined while another holds it. `ttlMs`: how long a holder that died keeps it. */
  lease(name: string, ttlMs: number): Promise<Lease | undefined>;

  health(): StoreHealth;

  /** What was appended before is still written; what comes after is refused as `closed`. */
  close(): Promise<void>;
}

export interface Entry {
  readonly seq: number;
  readonly body: string;
}

export interface Query {
  /** Only entries beyond this one in the direction of reading; absent: from the start, or from the end if `reverse`. */
  readonly after?: number;
  /** At most so many, >= 1. */
  readonly limit: number;
  /** Newest first. */
  readonly reverse?: boolean;
  /**
   * Only bodies whose field lies between these, both included, compared as text by code points; in order of the field, then of
   * the number.
   */
  readonly where?: Where;
}

export interface Where {
  /** A path into a JSON body (`record.id`), one of those the store was opened with for this stream. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** Fields of JSON bodies that can be asked for, by stream. */
export type IndexedFields = Readonly<Record<string, readonly string[]>>;

export interface Lease {
  readonly name: string;
  /** Greater than that of every earlier holder. */
  readonly token: number;
  /** Aborted once it is no longer held. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface StoreHealth {
  readonly isWritable: boolean;
  /** Why not, as a sentence. */
  readonly cause?: string;
  /** Bytes it takes on disk. */
  readonly sizeBytes: number;
  /** Bytes left to it. */
  readonly freeBytes: number;
}

/** A larger body or document, or one with NUL in it, is a defect of the caller: not every engine could carry it. */
export const MAX_BODY_BYTES = 512 * 1024;

export type RefusalKind =
  /** The disk is full, or nearly: goes away by itself once there is room. */
  | "full"
  /** A newer holder has the lease. */
  | "fenced"
  | "closed"
  /** What the disk or the database said otherwise. */
  | "failed";

/** What was asked has not happened. The message is a sentence for the operator. */
export class StoreRefusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
