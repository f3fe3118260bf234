import type { Connection } from "./database.ts";
import { type Lease, StoreRefusal } from "./store.ts";

/**
 * Leases inside the one process that may write: who holds a name is known here, and its token, which every holder raises,
 * is in the file. A holder that died has given everything back with its process.
 */
export class Leases {
  readonly #held = new Map<string, AbortController>();

  constructor(private readonly db: Connection) {}

  /** Undefined if the name is held. `write` runs the raising of the token in a transaction. */
  async take(
    name: string,
    write: (apply: () => number) => Promise<number>,
  ): Promise<Lease | undefined> {
    if (this.#held.has(name)) return undefined;
    const held = new AbortController();
    this.#held.set(name, held);
    const release = async () => {
      if (this.#held.get(name) === held) this.#held.delete(name);
      held.abort();
    };
    try {
      return { name, token: await write(() => this.#raise(name)), lost: held.signal, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Inside a transaction. */
  check(lease: Lease | undefined): void {
    if (lease === undefined) return;
    if (lease.lost.aborted || this.#tokenOf(lease.name) !== lease.token)
      throw new StoreRefusal("fenced", `the lease ${lease.name} is held no longer.`);
  }

  endAll(): void {
    for (const held of this.#held.values()) held.abort();
    this.#held.clear();
  }

  #raise(name: string): number {
    const token = this.#tokenOf(name) + 1;
    this.db.prepare("INSERT OR REPLACE INTO leases (name, token) VALUES (?, ?)").run(name, token);
    return token;
  }

  #tokenOf(name: string): number {
    const row = this.db.prepare("SELECT token FROM leases WHERE name = ?").get(name);
    return row === undefined ? 0 : (row as { token: number }).token;
  }
}
