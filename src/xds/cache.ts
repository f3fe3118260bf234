import { type FanOut, isSameContent, laneOf } from "./fan-out.ts";
import { Group, type Refused, type Verdict } from "./group.ts";
import type { ResourceRef, Snapshot, VersionedResource } from "./snapshot.ts";
import type { Withheld } from "./withhold.ts";

export type SnapshotListener = () => void;

interface Trying {
  readonly canaries: ReadonlySet<string>;
  readonly base: Snapshot;
}

/** The stream that is visited. */
interface Watcher {
  readonly nodeId: string;
  /** Its client subscribes to the resource. */
  readonly wants: (resource: ResourceRef) => boolean;
}

interface Holder {
  readonly streamId: number;
  readonly nodeId: string;
}

export interface WithheldFrom extends Withheld {
  /** The key of the nodes that are kept from it. */
  readonly key: string;
}

/**
 * Node key -> the snapshot that nodes with this key shall hold, and what its nodes make of it together (`group.ts`). It
 * only stores and tells: every listener is called after a `set`, soon and in the order of the fan-out, and asks for the
 * newest there is then. Deleting a key tells nobody: whoever was served keeps what it has, because an unknown state must
 * never look like an empty one.
 */
export class SnapshotCache {
  private readonly groups = new Map<string, Group>();
  /** By key. */
  private readonly visits = new Map<string, Map<() => void, Watcher>>();
  /** Of a change that is tried: who has it, and what the others have. */
  private readonly trials = new Map<string, Trying>();

  constructor(private readonly fanOut: FanOut) {}

  get(key: string): Snapshot | undefined {
    return this.groups.get(key)?.snapshot;
  }

  /** What one stream of a node of this key is to be given. */
  servedTo(key: string, { streamId, nodeId }: Holder): Snapshot | undefined {
    const trial = this.trials.get(key);
    if (trial !== undefined && !trial.canaries.has(nodeId)) return trial.base;
    return this.groups.get(key)?.servedTo({ streamId, nodeId });
  }

  /** What a node without a part in anything special is given. */
  servedToMost(key: string): Snapshot | undefined {
    return this.groups.get(key)?.servedTo(undefined);
  }

  /** True if what nodes of this key are given may not be what was set. */
  isWithholding(key: string): boolean {
    return this.trials.has(key) || (this.groups.get(key)?.isWithholding ?? false);
  }

  /** True if setting it would change more than what goes at once. */
  isSlow(key: string, snapshot: Snapshot): boolean {
    const before = this.groups.get(key)?.snapshot;
    return laneOf(before, snapshot) === "normal" && !isSameContent(before, snapshot);
  }

  get withheld(): readonly WithheldFrom[] {
    return [...this.groups].flatMap(([key, { withheld }]) =>
      withheld.map((one) => ({ key, ...one })),
    );
  }

  /** `from`: the key whose nodes come over; what they accepted counts here too. */
  set(
    key: string,
    snapshot: Snapshot,
    {
      from,
      trial,
    }: { readonly from?: string | undefined; readonly trial?: Trying | undefined } = {},
  ): void {
    if (trial === undefined) this.trials.delete(key);
    else this.trials.set(key, trial);
    const group = this.groups.get(key);
    const lane = laneOf(group?.snapshot, snapshot);
    const origin = from === undefined ? undefined : this.groups.get(from);
    if (group === undefined) this.groups.set(key, new Group(snapshot, origin));
    else group.setSnapshot(snapshot);
    this.fanOut.add(this.visits.get(key)?.keys() ?? [], lane);
  }

  /** What was tried is for everybody. */
  endTrial(key: string): void {
    if (this.trials.delete(key)) this.tell(key);
  }

  accept(key: string, typeUrl: string, set: readonly VersionedResource[]): void {
    if (this.groups.get(key)?.accept(typeUrl, set)) this.tell(key);
  }

  refuse(key: string, refused: Omit<Refused, "others">): Verdict {
    const others = (resource: ResourceRef) => this.subscribersOf(key, resource);
    const verdict = this.groups.get(key)?.refuse({ ...refused, others }) ?? NOTHING_NEW;
    if (verdict.kind !== "known") this.tell(key);
    return verdict;
  }

  /** Nodes that are connected, get what the key has now and subscribe to the resource: others would not answer. */
  private *subscribersOf(key: string, resource: ResourceRef): Generator<string> {
    const trial = this.trials.get(key);
    for (const { nodeId, wants } of this.visits.get(key)?.values() ?? []) {
      if (trial?.canaries.has(nodeId) !== false && wants(resource)) yield nodeId;
    }
  }

  /** Those who were asked take too long. */
  endAsking(key: string, resource: VersionedResource): Verdict {
    return this.groups.get(key)?.endAsking(resource) ?? NOTHING_NEW;
  }

  /** The stream is gone, or takes too long to find what it refused. */
  endSearch(key: string, streamId: number): void {
    if (this.groups.get(key)?.endSearch(streamId)) this.tell(key);
  }

  private tell(key: string): void {
    this.fanOut.add(this.visits.get(key)?.keys() ?? [], "normal");
  }

  delete(key: string): boolean {
    this.trials.delete(key);
    return this.groups.delete(key);
  }

  keys(): readonly string[] {
    return [...this.groups.keys()];
  }

  /** Tells `listener` of every later change for `key`, once for several, until the returned function is called. */
  watch(key: string, watcher: Watcher, listener: SnapshotListener): () => void {
    const visit = () => {
      if (this.groups.has(key)) listener();
    };
    const visits = this.visits.get(key) ?? new Map<() => void, Watcher>();
    this.visits.set(key, visits);
    visits.set(visit, watcher);
    return () => {
      visits.delete(visit);
      this.fanOut.drop(visit);
      // A later watcher may have put a new set in place: only the own empty one is dropped.
      if (visits.size === 0 && this.visits.get(key) === visits) this.visits.delete(key);
    };
  }
}

const NOTHING_NEW: Verdict = { kind: "known" };
