import {
  type Snapshot,
  type TypeSnapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import { refsOf, type Withheld, withhold } from "./withhold.ts";

/**
 * The nodes of one key: what they shall hold, and what they are kept from because one of them refused it.
 *
 * The first verdict counts. Content that a node of the group has accepted is never withheld from the others: who refuses
 * it then has a trouble of its own. Content that was refused before anybody accepted it is withheld from all, until the
 * content changes; they keep, and who is new gets, the last that was accepted.
 *
 * A response of several resources that was refused says only that one of them is bad. Then all of them are withheld
 * from the others, while the stream that refused them takes the response apart (`suspects.ts`). So a fleet that gets the
 * same bad content searches once.
 */
export interface Refused {
  readonly streamId: number;
  readonly nodeId: string;
  readonly typeUrl: string;
  readonly resources: readonly VersionedResource[];
  /** It was one resource, so that one is to blame. */
  readonly isAlone: boolean;
  readonly message: string;
  readonly nowMs: number;
}

interface Entry extends Withheld {
  /** The stream that is still looking for what is to blame. */
  readonly searcher: number | undefined;
}

type ByName<T> = Map<string, T>;

export class Group {
  private wanted: Snapshot;
  /** Of each name the content that was accepted last. */
  private readonly accepted = new Map<string, ByName<VersionedResource>>();
  private readonly entries = new Map<string, ByName<Entry>>();
  private readonly served = new Map<number | undefined, Snapshot>();
  /** Sets of which all has been noted as accepted: most streams accept the same ones. */
  private noted = new WeakSet<object>();

  /** `origin`: whose nodes come over. */
  constructor(snapshot: Snapshot, origin?: Group) {
    this.wanted = snapshot;
    for (const [typeUrl, byName] of origin?.accepted ?? []) {
      this.accepted.set(typeUrl, new Map(byName));
    }
  }

  get snapshot(): Snapshot {
    return this.wanted;
  }

  get isWithholding(): boolean {
    return this.entries.size > 0;
  }

  /** Who is to blame, without those that are still under suspicion. */
  get withheld(): readonly Withheld[] {
    const convicted = this.list().filter(({ searcher }) => searcher === undefined);
    return convicted.map(({ searcher: _, ...one }) => {
      const lastGood = this.accepted.get(one.typeUrl)?.get(one.name)?.version;
      return { ...one, ...(lastGood !== undefined && { lastGood }) };
    });
  }

  setSnapshot(snapshot: Snapshot): void {
    const before = this.wanted;
    this.wanted = snapshot;
    this.noted = new WeakSet();
    for (const { typeUrl, name, version } of this.list()) {
      if (this.wantedVersion(typeUrl, name) !== version) this.release(typeUrl, name);
    }
    this.served.clear();
    this.forgetAllBut([before, snapshot]);
  }

  /** What a stream is to be given; a stream that searches gets what it searches in. */
  servedTo(streamId: number | undefined): Snapshot {
    if (!this.isWithholding) return this.wanted;
    const isSearcher =
      streamId !== undefined && this.list().some(({ searcher }) => searcher === streamId);
    const reader = isSearcher ? streamId : undefined;
    const made = this.served.get(reader) ?? this.compose(reader);
    this.served.set(reader, made);
    return made;
  }

  private compose(reader: number | undefined): Snapshot {
    const own = this.list().filter(({ searcher }) => searcher === undefined || searcher !== reader);
    return withhold(this.wanted, own, ({ typeUrl, name }) => this.accepted.get(typeUrl)?.get(name));
  }

  /** A node holds these; `set` is what tells them from others. True if something is withheld no more. */
  accept(typeUrl: string, set: Iterable<VersionedResource> & object): boolean {
    if (this.noted.has(set)) return false;
    this.noted.add(set);
    const accepted = this.accepted.get(typeUrl) ?? new Map<string, VersionedResource>();
    this.accepted.set(typeUrl, accepted);
    let hasReleased = false;
    for (const resource of set) {
      const { name, version } = resource;
      if (accepted.get(name)?.version !== version) accepted.set(name, resource);
      if (this.entries.get(typeUrl)?.get(name)?.version !== version) continue;
      this.release(typeUrl, name);
      hasReleased = true;
    }
    return hasReleased;
  }

  /** What is withheld from now on because of it. */
  refuse(refused: Refused): readonly Withheld[] {
    const { typeUrl, resources, isAlone, streamId, nodeId, message, nowMs } = refused;
    const fresh = resources.filter((resource) => this.isFresh(resource, isAlone));
    const searcher = isAlone ? undefined : streamId;
    for (const { name, version } of fresh) {
      const entries = this.entries.get(typeUrl) ?? new Map<string, Entry>();
      this.entries.set(typeUrl, entries);
      entries.set(name, { typeUrl, name, version, nodeId, message, sinceMs: nowMs, searcher });
    }
    if (fresh.length === 0) return [];
    this.served.clear();
    return isAlone
      ? this.withheld.filter((one) => one.typeUrl === typeUrl && one.name === fresh[0]?.name)
      : this.list().filter((one) => one.searcher === streamId);
  }

  /** Nobody has judged it yet; one that is only suspected can still be judged. */
  private isFresh({ typeUrl, name, version }: VersionedResource, isAlone: boolean): boolean {
    if (this.wantedVersion(typeUrl, name) !== version) return false;
    if (this.accepted.get(typeUrl)?.get(name)?.version === version) return false;
    const entry = this.entries.get(typeUrl)?.get(name);
    return entry === undefined || (isAlone && entry.searcher !== undefined);
  }

  /** The stream searches no more. True if something is withheld no more. */
  endSearch(streamId: number): boolean {
    const left = this.list().filter(({ searcher }) => searcher === streamId);
    for (const { typeUrl, name } of left) this.release(typeUrl, name);
    return left.length > 0;
  }

  private release(typeUrl: string, name: string): void {
    const entries = this.entries.get(typeUrl);
    entries?.delete(name);
    if (entries?.size === 0) this.entries.delete(typeUrl);
    this.served.clear();
  }

  private list(): readonly Entry[] {
    return [...this.entries.values()].flatMap((entries) => [...entries.values()]);
  }

  private wantedVersion(typeUrl: string, name: string): string | undefined {
    return this.wanted.types.get(typeUrl)?.resources.get(name)?.version;
  }

  /** Keeps what these snapshots name, and what the last good content of it names in turn. */
  private forgetAllBut(snapshots: readonly Snapshot[]): void {
    const kept = new Set<VersionedResource>();
    const keep = (typeUrl: string, name: string): void => {
      const good = this.accepted.get(typeUrl)?.get(name);
      if (good === undefined || kept.has(good)) return;
      kept.add(good);
      for (const ref of refsOf(good)) keep(ref.typeUrl, ref.name);
    };
    for (const [typeUrl, accepted] of this.accepted) {
      const types: readonly TypeSnapshot[] = snapshots.map((one) => typeSnapshotOf(one, typeUrl));
      for (const name of accepted.keys()) {
        if (types.some(({ resources }) => resources.has(name))) keep(typeUrl, name);
      }
    }
    for (const accepted of this.accepted.values()) {
      for (const [name, good] of accepted) if (!kept.has(good)) accepted.delete(name);
    }
  }
}
