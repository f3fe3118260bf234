import { secondsOf } from "./second-opinion.ts";
import {
  type ResourceRef,
  type Snapshot,
  type TypeSnapshot,
  typeSnapshotOf,
  type VersionedResource,
} from "./snapshot.ts";
import { refsOf, type Withheld, withhold } from "./withhold.ts";

/**
 * The nodes of one key: what they shall hold, and what they are kept from because one of them refused it.
 *
 * Content that a node of the group has accepted is never withheld from the others: who refuses it then has a trouble of
 * its own. Content that was refused before anybody accepted it is withheld from all but two that are asked for a second
 * opinion (`second-opinion.ts`). If one of them accepts it, or anybody who was sent it before, all get it. If both refuse
 * it, it is withheld until it changes: they keep, and who is new gets, the last that was accepted.
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
  /** Ids of nodes that can be asked for a second opinion of it; called only if one is needed. */
  readonly others: (resource: ResourceRef) => Iterable<string>;
}

/** What follows from a refusal: nothing new; the stream takes it apart; others are asked; or it is withheld from all. */
export type Verdict =
  | { readonly kind: "known" | "searching" | "asking" }
  | { readonly kind: "withheld"; readonly withheld: readonly Withheld[] };

interface Reader {
  readonly streamId: number;
  readonly nodeId: string;
}

interface Entry extends Withheld {
  /** The stream that is still looking for what is to blame. */
  readonly searcher: number | undefined;
  /** Nodes whose second opinion is awaited. */
  readonly asked: ReadonlySet<string>;
}

type ByName<T> = Map<string, T>;

function isGivenTo({ searcher, asked }: Entry, { streamId, nodeId }: Reader): boolean {
  return searcher === streamId || asked.has(nodeId);
}

export class Group {
  private wanted: Snapshot;
  /** Of each name the content that was accepted last. */
  private readonly accepted = new Map<string, ByName<VersionedResource>>();
  private readonly entries = new Map<string, ByName<Entry>>();
  /** By stream, for those that are given something of their own. */
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
    const convicted = this.list().filter(
      ({ searcher, asked }) => searcher === undefined && asked.size === 0,
    );
    return convicted.map(({ searcher: _, asked: __, ...one }) => {
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

  /** What a stream is to be given; one that searches gets what it searches in, and who is asked gets what it is asked of. */
  servedTo(reader: Reader | undefined): Snapshot {
    if (!this.isWithholding) return this.wanted;
    const all = this.list();
    const isOwn = reader === undefined ? () => false : (entry: Entry) => isGivenTo(entry, reader);
    const key = all.some(isOwn) ? reader?.streamId : undefined;
    const made = this.served.get(key) ?? this.compose(all.filter((entry) => !isOwn(entry)));
    this.served.set(key, made);
    return made;
  }

  private compose(kept: readonly Entry[]): Snapshot {
    return withhold(this.wanted, kept, ({ typeUrl, name }) =>
      this.accepted.get(typeUrl)?.get(name),
    );
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

  refuse(refused: Refused): Verdict {
    const { resources, isAlone, streamId, nodeId, others } = refused;
    const [only] = resources;
    const asking = isAlone && only !== undefined ? this.entryOf(only) : undefined;
    if (asking?.asked.has(nodeId)) return this.confirm(asking, nodeId);
    const fresh = resources.filter((resource) => this.isFresh(resource, isAlone));
    if (fresh.length === 0) return { kind: "known" };
    const seconds =
      isAlone && only !== undefined
        ? secondsOf(others(only), { but: nodeId, content: only.version })
        : [];
    const searcher = isAlone ? undefined : streamId;
    for (const resource of fresh) this.enter(resource, refused, searcher, new Set(seconds));
    if (!isAlone) return { kind: "searching" };
    return seconds.length > 0 ? { kind: "asking" } : this.convicted(fresh);
  }

  private enter(
    { typeUrl, name, version }: VersionedResource,
    { nodeId, message, nowMs }: Refused,
    searcher: number | undefined,
    asked: ReadonlySet<string>,
  ): void {
    const who = { nodeId, message, sinceMs: nowMs, searcher, asked };
    this.put({ typeUrl, name, version, ...who });
  }

  private put(entry: Entry): void {
    const entries = this.entries.get(entry.typeUrl) ?? new Map<string, Entry>();
    this.entries.set(entry.typeUrl, entries);
    entries.set(entry.name, entry);
    this.served.clear();
  }

  /** One that was asked refuses it too. */
  private confirm(entry: Entry, nodeId: string): Verdict {
    const asked = new Set([...entry.asked].filter((id) => id !== nodeId));
    this.put({ ...entry, asked });
    return asked.size > 0 ? { kind: "known" } : this.convicted([entry]);
  }

  private convicted([one]: readonly ResourceRef[]): Verdict {
    const isIt = ({ typeUrl, name }: Withheld) => typeUrl === one?.typeUrl && name === one.name;
    return { kind: "withheld", withheld: this.withheld.filter(isIt) };
  }

  /** Who was asked is silent or gone: what the first said of this content counts. */
  endAsking(resource: VersionedResource): Verdict {
    const entry = this.entryOf(resource);
    if (entry === undefined || entry.asked.size === 0) return { kind: "known" };
    this.put({ ...entry, asked: new Set() });
    return this.convicted([entry]);
  }

  /** Of just this content. */
  private entryOf({ typeUrl, name, version }: VersionedResource): Entry | undefined {
    const entry = this.entries.get(typeUrl)?.get(name);
    return entry?.version === version ? entry : undefined;
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
