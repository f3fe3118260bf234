import type { Snapshot } from "./snapshot.ts";

export type SnapshotListener = (snapshot: Snapshot) => void;

/**
 * Node key -> the snapshot that nodes with this key shall hold. It only stores and tells: listeners are called in the
 * order they came, at once, for every `set`. Deleting a key tells nobody: whoever was served keeps what it has, because
 * an unknown state must never look like an empty one.
 */
export class SnapshotCache {
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly listeners = new Map<string, Set<SnapshotListener>>();

  get(key: string): Snapshot | undefined {
    return this.snapshots.get(key);
  }

  set(key: string, snapshot: Snapshot): void {
    this.snapshots.set(key, snapshot);
    for (const listener of [...(this.listeners.get(key) ?? [])]) listener(snapshot);
  }

  delete(key: string): boolean {
    return this.snapshots.delete(key);
  }

  keys(): readonly string[] {
    return [...this.snapshots.keys()];
  }

  /** Calls `listener` for every later `set` of `key`, until the returned function is called. */
  watch(key: string, listener: SnapshotListener): () => void {
    const listeners = this.listeners.get(key) ?? new Set<SnapshotListener>();
    this.listeners.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      // A later watcher may have put a new set in place: only the own empty one is dropped.
      if (listeners.size === 0 && this.listeners.get(key) === listeners) this.listeners.delete(key);
    };
  }
}
