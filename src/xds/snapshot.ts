import { createHash } from "node:crypto";

/**
 * An immutable set of resources with versions that come from content alone: a resource's version is the first 64 bit of
 * SHA-256 over its bytes, a type's version the same over its sorted (name, version) pairs. So equal content has equal
 * versions on every replica, and publishing what is already published changes nothing.
 */

/** One named xDS resource: an encoded message of the type its URL names. */
export interface Resource {
  readonly typeUrl: string;
  readonly name: string;
  /** The message itself, encoded, without its `Any` wrapper. */
  readonly value: Uint8Array;
  /**
   * Resources this one names, if the caller knows. Two things follow: it is held back while one of them is refused by
   * the client and was never accepted before, and a changed cluster or listener has these re-sent after it.
   */
  readonly refs?: readonly ResourceRef[];
}

export interface ResourceRef {
  readonly typeUrl: string;
  readonly name: string;
}

export interface VersionedResource extends Resource {
  readonly version: string;
}

/** The resources of one type, by name in sorted order. */
export interface TypeSnapshot {
  readonly typeUrl: string;
  /** The caller's label if there is one, else `contentHash`. */
  readonly version: string;
  readonly contentHash: string;
  readonly resources: ReadonlyMap<string, VersionedResource>;
}

export interface Snapshot {
  /** Only the types that have resources. */
  readonly types: ReadonlyMap<string, TypeSnapshot>;
}

export interface SnapshotOptions {
  /** Shown as the version of every type in place of its hash, for instance an operator's release name. */
  readonly label?: string;
}

/** Throws if two resources of one type share a name, or a name is empty or `*`: a bug of the caller. */
export function createSnapshot(
  resources: Iterable<Resource>,
  options: SnapshotOptions = {},
): Snapshot {
  const byType = new Map<string, Map<string, VersionedResource>>();
  for (const resource of resources) {
    const { typeUrl, name } = resource;
    if (name === "" || name === "*") throw new Error(`${typeUrl}: "${name}" cannot be a name`);
    const named = byType.get(typeUrl) ?? new Map<string, VersionedResource>();
    if (named.has(name)) throw new Error(`${typeUrl}: two resources are named "${name}"`);
    named.set(name, { ...resource, version: hashBytes(resource.value) });
    byType.set(typeUrl, named);
  }
  const types = [...byType].map(([typeUrl, named]): [string, TypeSnapshot] => [
    typeUrl,
    toTypeSnapshot(typeUrl, named, options.label),
  ]);
  return { types: new Map(types) };
}

function toTypeSnapshot(
  typeUrl: string,
  named: ReadonlyMap<string, VersionedResource>,
  label: string | undefined,
): TypeSnapshot {
  const resources = new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
  const contentHash = hashSet(resources.values());
  return { typeUrl, version: label ?? contentHash, contentHash, resources };
}

/** What the snapshot holds of a type; a type it does not name is an empty set, which has a version too. */
export function typeSnapshotOf(snapshot: Snapshot, typeUrl: string): TypeSnapshot {
  return snapshot.types.get(typeUrl) ?? toTypeSnapshot(typeUrl, new Map(), undefined);
}

/** Version of a set of resources given in name order. */
export function hashSet(resources: Iterable<VersionedResource>): string {
  const hash = createHash("sha256");
  for (const { name, version } of resources) hash.update(JSON.stringify([name, version]));
  return hash.digest("hex").slice(0, 16);
}

function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
