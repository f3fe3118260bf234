import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

/**
 * Tells of every change in a folder and the folders below it, one watch a folder. Node's own recursive watch holds on to
 * files instead: it goes blind to one that was replaced by another, which is how editors, and clusters that mount a
 * folder, write. Who is told looks again for folders (`scan`) before it reads, so that what is written into a new one
 * afterwards is seen.
 */
export class FolderWatch {
  /** By path and inode: a folder may be replaced as well. */
  private readonly watchers = new Map<string, FSWatcher>();

  constructor(
    private readonly folder: string,
    private readonly onChange: () => void,
  ) {
    this.scan();
  }

  /** Throws if the folder itself cannot be read. */
  scan(): void {
    const found = new Map(foldersBelow(this.folder).map((path) => [keyOf(path), path]));
    for (const [key, watcher] of this.watchers) {
      if (found.has(key)) continue;
      watcher.close();
      this.watchers.delete(key);
    }
    for (const [key, path] of found) {
      if (this.watchers.has(key)) continue;
      const watcher = watch(path, this.onChange);
      // Its folder went: the one above has told already.
      watcher.on("error", () => watcher.close());
      this.watchers.set(key, watcher);
    }
  }

  stop(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }
}

function foldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}

function keyOf(path: string): string {
  return `${path} ${statSync(path).ino}`;
}
