import type { VersionedResource } from "./snapshot.ts";

/**
 * Finds the resources a client refuses. A NACK names a response, not a resource, and whether the rest of it took effect
 * depends on the client: Envoy applies good clusters and listeners one by one and lists the bad ones in the error text,
 * but a message that fails to parse drops the whole response. So the refused response is split and its parts are sent
 * again one after the other until a part of one resource is refused: that one is at fault.
 *
 * The first split follows the error text if it names some of the resources: the unnamed ones go first. Otherwise halves.
 * A resource is sent at most 2 + log2(n) times, and every response of a split is smaller than the refused one, so no
 * refused bytes are ever sent twice and the search ends.
 */
interface Suspicion {
  readonly version: string;
  readonly group: number;
}

export class Suspects {
  private readonly suspicions = new Map<string, Suspicion>();
  private lastGroup = 0;

  /** True while a refused response is being taken apart. */
  get isSearching(): boolean {
    return this.suspicions.size > 0;
  }

  /** The resources to send next: all that are above suspicion, else the group that waits longest. */
  choose(pending: readonly VersionedResource[]): readonly VersionedResource[] {
    if (this.suspicions.size === 0) return pending;
    const clean = pending.filter((resource) => this.groupOf(resource) === undefined);
    if (clean.length > 0) return clean;
    const first = Math.min(...pending.map((resource) => this.groupOf(resource) ?? 0));
    return pending.filter((resource) => this.groupOf(resource) === first);
  }

  /** Takes apart a refused set of two or more. */
  split(refused: readonly VersionedResource[], message: string): void {
    const named = refused.filter(({ name }) => isNamedIn(message, name));
    const isHint = named.length > 0 && named.length < refused.length;
    const late = isHint ? named : refused.slice(Math.ceil(refused.length / 2));
    const lateNames = new Set(late.map(({ name }) => name));
    this.lastGroup += 2;
    for (const { name, version } of refused) {
      const group = lateNames.has(name) ? this.lastGroup : this.lastGroup - 1;
      this.suspicions.set(name, { version, group });
    }
  }

  clear(name: string): void {
    this.suspicions.delete(name);
  }

  /** Content that changed or went away is no longer under suspicion. */
  prune(current: ReadonlyMap<string, VersionedResource>): void {
    for (const [name, { version }] of this.suspicions) {
      if (current.get(name)?.version !== version) this.suspicions.delete(name);
    }
  }

  private groupOf({ name, version }: VersionedResource): number | undefined {
    const suspicion = this.suspicions.get(name);
    return suspicion?.version === version ? suspicion.group : undefined;
  }
}

const NAME_CHARACTER = /[\w./|-]/;

/** The name as a whole word: `web` is not named in "web-2: bad address". */
function isNamedIn(message: string, name: string): boolean {
  for (let at = message.indexOf(name); at !== -1; at = message.indexOf(name, at + 1)) {
    const before = message[at - 1] ?? " ";
    const after = message[at + name.length] ?? " ";
    if (!NAME_CHARACTER.test(before) && !NAME_CHARACTER.test(after)) return true;
  }
  return false;
}
