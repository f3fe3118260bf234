import { createHash } from "node:crypto";

/**
 * An immutable set of resources with versions that come from content alone: a resource's version is the first 64 bit of
 * SHA-256 over its bytes (and its time to live, if it has one), a type's version the same over its sorted (name, version)
 * pairs and its errors. So equal content has equal versions on every replica, and publishing what is already published
 * changes nothing.
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
  /**
   * A client that can forgets the resource this long after it last heard of it, ms > 0: what holds only while the control
   * plane lives. It hears of it three times as often. Clients that cannot hold it without an end.
   */
  readonly ttlMs?: number;
}

/** Why a name has no resource, for the clients that subscribe to it; what they hold of it they keep. */
export interface ResourceError {
  readonly typeUrl: string;
  readonly name: string;
  readonly message: string;
}

export interface ResourceRef {
  readonly typeUrl: string;
  readonly name: string;
}

export interface VersionedResource extends Resource {
  readonly version: string;
  /** The version that was refused, in whose place this one is given (`group.ts`). */
  readonly withheld?: string;
}

/** Of a name without a resource. */
export interface Absence extends ResourceError {
  /** The version that was refused, and there is no other. */
  readonly withheld?: string;
}

/** The resources of one type, by name in sorted order. */
export interface TypeSnapshot {
  readonly typeUrl: string;
  /** The caller's label if there is one, else `contentHash`. */
  readonly version: string;
  readonly contentHash: string;
  readonly resources: ReadonlyMap<string, VersionedResource>;
  /** Names without a resource, by name. */
  readonly errors: ReadonlyMap<string, Absence>;
}

export interface Snapshot {
  /** Only the types that have resources or errors. */
  readonly types: ReadonlyMap<string, TypeSnapshot>;
}

export interface SnapshotOptions {
  /** Shown as the version of every type in place of its hash, for instance an operator's release name. */
  readonly label?: string;
  /** Names that could not be made into resources. */
  readonly errors?: readonly ResourceError[];
}

/**
 * Throws if two resources of one type share a name, a name is empty or `*`, a name has a resource and an error, or a time to
 * live is not above zero: bugs of the caller.
 */
export function createSnapshot(
  resources: Iterable<Resource>,
  options: SnapshotOptions = {},
): Snapshot {
  return assembleSnapshot(versioned(resources), options);
}

function* versioned(resources: Iterable<Resource>): Generator<VersionedResource> {
  for (const resource of resources) {
    const { typeUrl, name, value, ttlMs } = resource;
    if (ttlMs !== undefined && !(ttlMs > 0)) {
      throw new Error(`${typeUrl}: "${name}" has a time to live of ${ttlMs} ms`);
    }
    yield { ...resource, version: hashContent(value, ttlMs) };
  }
}

/** The same from resources that have their versions. */
export function assembleSnapshot(
  resources: Iterable<VersionedResource>,
  { label, errors = [] }: SnapshotOptions = {},
): Snapshot {
  const all = groupByType(resources, "resources");
  const allErrors = groupByType<Absence>(errors, "errors");
  const types = [...new Set([...all.keys(), ...allErrors.keys()])].map(
    (typeUrl): [string, TypeSnapshot] => {
      const named = all.get(typeUrl) ?? new Map<string, VersionedResource>();
      const failed = allErrors.get(typeUrl) ?? new Map<string, Absence>();
      const both = [...failed.keys()].find((name) => named.has(name));
      if (both !== undefined) throw new Error(`${typeUrl}: "${both}" is there and has an error`);
      return [typeUrl, toTypeSnapshot({ typeUrl, named, failed, label })];
    },
  );
  return { types: new Map(types) };
}

/** Type URL -> name -> entry, names in sorted order. */
function groupByType<Entry extends { readonly typeUrl: string; readonly name: string }>(
  entries: Iterable<Entry>,
  what: string,
): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
  const byType = new Map<string, Map<string, Entry>>();
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { typeUrl, name } = entry;
    if (name === "" || name === "*") throw new Error(`${typeUrl}: "${name}" cannot be a name`);
    const named = byType.get(typeUrl) ?? new Map<string, Entry>();
    if (named.has(name)) throw new Error(`${typeUrl}: two ${what} are named "${name}"`);
    byType.set(typeUrl, named.set(name, entry));
  }
  return byType;
}

interface TypeContent {
  readonly typeUrl: string;
  readonly named: ReadonlyMap<string, VersionedResource>;
  readonly failed: ReadonlyMap<string, Absence>;
  readonly label: string | undefined;
}

function toTypeSnapshot({ typeUrl, named, failed, label }: TypeContent): TypeSnapshot {
  const contentHash = hashSet(named.values(), failed.values());
  return { typeUrl, version: label ?? contentHash, contentHash, resources: named, errors: failed };
}

/** The version of a name that its clients are to have in the end, whether or not it is given now. */
export function wantedVersionOf(type: TypeSnapshot, name: string): string | undefined {
  const resource = type.resources.get(name);
  return resource?.withheld ?? resource?.version ?? type.errors.get(name)?.withheld;
}

/** What the snapshot holds of a type; a type it does not name is an empty set, which has a version too. */
export function typeSnapshotOf(snapshot: Snapshot, typeUrl: string): TypeSnapshot {
  return snapshot.types.get(typeUrl) ?? emptyType(typeUrl);
}

/** Asked for with every response; a server knows a handful of types. */
const emptyTypes = new Map<string, TypeSnapshot>();

function emptyType(typeUrl: string): TypeSnapshot {
  const known = emptyTypes.get(typeUrl);
  if (known !== undefined) return known;
  const none = { named: new Map(), failed: new Map(), label: undefined };
  const made = toTypeSnapshot({ typeUrl, ...none });
  emptyTypes.set(typeUrl, made);
  return made;
}

/** Version of a set of resources, and of what is said of absent ones, given in name order. */
export function hashSet(
  resources: Iterable<VersionedResource>,
  errors: Iterable<ResourceError> = [],
): string {
  const hash = createHash("sha256");
  for (const { name, version } of resources) hash.update(JSON.stringify([name, version]));
  for (const { name, message } of errors) hash.update(JSON.stringify([name, null, message]));
  return hash.digest("hex").slice(0, 16);
}

function hashContent(bytes: Uint8Array, ttlMs: number | undefined): string {
  const hash = createHash("sha256").update(bytes);
  if (ttlMs !== undefined) hash.update(`ttl ${ttlMs}`);
  return hash.digest("hex").slice(0, 16);
}
