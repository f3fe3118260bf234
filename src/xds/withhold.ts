import { CLUSTER_TYPE, ENDPOINT_TYPE } from "../proto/type-url.ts";
import {
  type Absence,
  assembleSnapshot,
  hashSet,
  type ResourceRef,
  type Snapshot,
  type TypeSnapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";

/** One resource in one version that nodes are kept from. */
export interface Withheld {
  readonly typeUrl: string;
  readonly name: string;
  readonly version: string;
  /** The node whose refusal it was, and its words. */
  readonly nodeId: string;
  readonly message: string;
  /** Logical time. */
  readonly sinceMs: number;
  /** The version that nodes hold, or get, in its place; absent: none was ever accepted. */
  readonly lastGood?: string | undefined;
}

type FindLastGood = (ref: ResourceRef) => VersionedResource | undefined;

/**
 * The snapshot with what is withheld replaced by its last good content, and with everything that this content names and
 * the snapshot has no more: a route that stays needs the clusters it always had. What never was good is absent, which
 * takes it from nobody. Types that nothing is withheld of stay the very same objects.
 */
export function withhold(
  wanted: Snapshot,
  withheld: readonly Withheld[],
  findLastGood: FindLastGood,
): Snapshot {
  const edits = new Edits(wanted);
  for (const one of withheld) {
    const good = findLastGood(one);
    if (good === undefined) edits.removeFor(one);
    else edits.set({ ...good, withheld: one.version });
  }
  for (const one of withheld) {
    const good = findLastGood(one);
    if (good !== undefined) keepNamedBy(good, edits, findLastGood);
  }
  return edits.toSnapshot();
}

function keepNamedBy(resource: VersionedResource, edits: Edits, findLastGood: FindLastGood): void {
  for (const ref of refsOf(resource)) {
    const good = edits.has(ref) ? undefined : findLastGood(ref);
    if (good === undefined) continue;
    edits.set(good);
    keepNamedBy(good, edits, findLastGood);
  }
}

/** A cluster whose caller says nothing of its references has endpoints of the same name. */
export function refsOf({ typeUrl, name, refs }: VersionedResource): readonly ResourceRef[] {
  return refs ?? (typeUrl === CLUSTER_TYPE ? [{ typeUrl: ENDPOINT_TYPE, name }] : []);
}

interface Edit {
  readonly resources: Map<string, VersionedResource>;
  readonly errors: Map<string, Absence>;
}

class Edits {
  private readonly byType = new Map<string, Edit>();

  constructor(private readonly original: Snapshot) {}

  has({ typeUrl, name }: ResourceRef): boolean {
    const { resources, errors } =
      this.byType.get(typeUrl) ?? typeSnapshotOf(this.original, typeUrl);
    return resources.has(name) || errors.has(name);
  }

  set(resource: VersionedResource): void {
    this.edit(resource.typeUrl).resources.set(resource.name, resource);
  }

  removeFor({ typeUrl, name, version, message }: Withheld): void {
    const { resources, errors } = this.edit(typeUrl);
    resources.delete(name);
    errors.set(name, { typeUrl, name, message, withheld: version });
  }

  private edit(typeUrl: string): Edit {
    const known = this.byType.get(typeUrl);
    if (known !== undefined) return known;
    const { resources, errors } = typeSnapshotOf(this.original, typeUrl);
    const made = { resources: new Map(resources), errors: new Map(errors) };
    this.byType.set(typeUrl, made);
    return made;
  }

  toSnapshot(): Snapshot {
    const types = new Map<string, TypeSnapshot>(this.original.types);
    for (const [typeUrl, { resources, errors }] of this.byType) {
      const label = versionOf(resources);
      const made = assembleSnapshot(resources.values(), { errors: [...errors.values()], label });
      types.set(typeUrl, typeSnapshotOf(made, typeUrl));
    }
    return { types };
  }
}

/** Not that of the same content where nothing is withheld. */
function versionOf(resources: ReadonlyMap<string, VersionedResource>): string {
  const all = [...resources.values()].map(({ version, withheld, ...rest }) => ({
    ...rest,
    version: withheld === undefined ? version : `${version} for ${withheld}`,
  }));
  return hashSet(all.sort((a, b) => (a.name < b.name ? -1 : 1)));
}
