import { type FanOut, laneOf } from "./fan-out.ts";
import type { Snapshot } from "./snapshot.ts";

export type SnapshotListener = (snapshot: Snapshot) => void;

/**
 * Node key -> the snapshot that nodes with this key shall hold. It only stores and tells: every listener is called after
 * a `set`, soon and in the order of the fan-out, with the newest snapshot there is then. Deleting a key tells nobody:
 * whoever was served keeps what it has, because an unknown state must never look like an empty one.
 */
export class SnapshotCache {
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly visits = new Map<string, Set<() => void>>();

  constructor(private readonly fanOut: FanOut) {}

  get(key: string): Snapshot | undefined {
    return this.snapshots.get(key);
  }

  set(key: string, snapshot: Snapshot): void {
    const lane = laneOf(this.snapshots.get(key), snapshot);
    this.snapshots.set(key, snapshot);
    this.fanOut.add(this.visits.get(key) ?? [], lane);
  }

  delete(key: string): boolean {
    return this.snapshots.delete(key);
  }

  keys(): readonly string[] {
    return [...this.snapshots.keys()];
  }

  /** Tells `listener` of every later `set` of `key`, the newest only, until the returned function is called. */
  watch(key: string, listener: SnapshotListener): () => void {
    const visit = () => {
      const snapshot = this.snapshots.get(key);
      if (snapshot !== undefined) listener(snapshot);
    };
    const visits = this.visits.get(key) ?? new Set();
    this.visits.set(key, visits);
    visits.add(visit);
    return () => {
      visits.delete(visit);
      this.fanOut.drop(visit);
      // A later watcher may have put a new set in place: only the own empty one is dropped.
      if (visits.size === 0 && this.visits.get(key) === visits) this.visits.delete(key);
    };
  }
}
