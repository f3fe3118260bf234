import type { Resources } from "./held.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * One response that the client has not answered yet. There is one for every stream and type while a change goes round, so
 * it costs little unless something unusual happens to it.
 */
export class InFlight {
  readonly nonce: string;
  readonly sinceMs: number;
  readonly removals: readonly string[];
  private readonly sent: readonly VersionedResource[];
  private names: Set<string> | undefined;
  private lost: Set<string> | undefined;

  constructor(
    batch: { readonly upserts: readonly VersionedResource[]; readonly removals: readonly string[] },
    sent: { readonly nonce: string; readonly nowMs: number },
    /** What the client holds after it accepted all of it, if that is exactly a snapshot. */
    readonly leadsTo: Resources | undefined,
  ) {
    this.nonce = sent.nonce;
    this.sinceMs = sent.nowMs;
    this.removals = batch.removals;
    this.sent = batch.upserts;
  }

  /** What was sent, the very array, without what was unsubscribed meanwhile. */
  get upserts(): readonly VersionedResource[] {
    const { lost } = this;
    return lost === undefined ? this.sent : this.sent.filter(({ name }) => !lost.has(name));
  }

  get isComplete(): boolean {
    return this.lost === undefined;
  }

  /** Every one of these was sent; false may only mean that it would take a look at each. */
  isAllOf(upserts: readonly VersionedResource[]): boolean {
    return upserts === this.sent && this.isComplete;
  }

  /** Unsubscribed meanwhile: who subscribes again before the answer may or may not hold it. */
  get forgotten(): Iterable<string> {
    return this.lost ?? NONE;
  }

  has(name: string): boolean {
    this.names ??= new Set(this.sent.map((resource) => resource.name));
    return this.names.has(name) && this.lost?.has(name) !== true;
  }

  forget(name: string): void {
    if (!this.has(name)) return;
    this.lost ??= new Set();
    this.lost.add(name);
  }
}

const NONE: readonly string[] = [];
