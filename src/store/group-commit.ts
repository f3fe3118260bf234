/**
 * Writes wait for each other so that one flush of the disk serves many: a write is committed at once if the last commit is
 * `GROUP_MS` ago, else that long after it, or as soon as `GROUP_ROWS` wait. Order is kept.
 */
export interface Write {
  readonly rows: number;
  /** Inside the transaction; throws to be left out of it, having changed nothing. */
  apply(): void;
  /** After the commit, or with why there was none. */
  settle(failure: Error | undefined): void;
}

export const GROUP_MS = 5;
export const GROUP_ROWS = 200;

export interface GroupCommitOptions {
  /** Applies the writes in one transaction and settles each. */
  readonly commit: (writes: readonly Write[]) => void;
  readonly nowMs: () => number;
}

export class GroupCommit {
  #waiting: Write[] = [];
  #rows = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: GroupCommitOptions) {}

  add(write: Write): void {
    this.#waiting.push(write);
    this.#rows += write.rows;
    if (this.#rows >= GROUP_ROWS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#leftMs());
  }

  /** Commits what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    this.#rows = 0;
    this.options.commit(writes);
    this.#lastMs = this.options.nowMs();
  }

  #leftMs(): number {
    return Math.max(0, this.#lastMs + GROUP_MS - this.options.nowMs());
  }
}
