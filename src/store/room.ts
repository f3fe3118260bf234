import { statfsSync, statSync } from "node:fs";
import { databaseFile } from "./database.ts";

/** Below this nothing more is written, so that the rest of the machine can still be repaired. */
export const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** The disk a store lives on. `freeBytes`: of the disk of a folder, if not what the system says. */
export class Room {
  constructor(
    private readonly dir: string,
    private readonly freeBytesOf: (dir: string) => number = systemFreeBytes,
  ) {}

  /** Left on the disk to whoever is not root. */
  get freeBytes(): number {
    return this.freeBytesOf(this.dir);
  }

  /** Taken by the store. */
  get sizeBytes(): number {
    const file = databaseFile(this.dir);
    return [file, `${file}-wal`].reduce(
      (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  /** Why there is no room to write, as a sentence; undefined if there is. */
  get lack(): string | undefined {
    const { freeBytes } = this;
    if (freeBytes >= LEAST_FREE_BYTES) return undefined;
    return `${this.dir}: ${toMiB(freeBytes)} MiB are free on its disk, ${toMiB(LEAST_FREE_BYTES)} are needed to write: make room.`;
  }
}

function systemFreeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

function toMiB(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
