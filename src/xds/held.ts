import type { VersionedResource } from "./snapshot.ts";

export type Resources = ReadonlyMap<string, VersionedResource>;

/**
 * The resources of one type that one client holds. Mostly that is exactly what some snapshot has, so it is a pointer to
 * the snapshot's own map, shared by every stream in the same place; only a client that differs from every snapshot has
 * a map of its own.
 */
export class Held {
  private whole: Resources = NOTHING;
  private own: Map<string, VersionedResource> | undefined;

  /** The snapshot's map if the client holds that and nothing else. */
  get shared(): Resources | undefined {
    return this.own === undefined ? this.whole : undefined;
  }

  private get current(): Resources {
    return this.own ?? this.whole;
  }

  get size(): number {
    return this.current.size;
  }

  get(name: string): VersionedResource | undefined {
    return this.current.get(name);
  }

  has(name: string): boolean {
    return this.current.has(name);
  }

  keys(): Iterable<string> {
    return this.current.keys();
  }

  [Symbol.iterator](): Iterator<[string, VersionedResource]> {
    return this.current[Symbol.iterator]();
  }

  set(resource: VersionedResource): void {
    this.writable().set(resource.name, resource);
  }

  delete(name: string): void {
    if (this.has(name)) this.writable().delete(name);
  }

  /** The client holds exactly these from now on. */
  become(resources: Resources): void {
    this.whole = resources;
    this.own = undefined;
  }

  /** Points to `resources` again if they are what the client holds. */
  settle(resources: Resources): void {
    const { own } = this;
    if (own === undefined || own.size !== resources.size) return;
    for (const [name, { version }] of resources) if (own.get(name)?.version !== version) return;
    this.become(resources);
  }

  private writable(): Map<string, VersionedResource> {
    this.own ??= new Map(this.whole);
    return this.own;
  }
}

const NOTHING: Resources = new Map();
