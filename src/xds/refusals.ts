import { type TypeSnapshot, type VersionedResource, wantedVersionOf } from "./snapshot.ts";
import { Suspects } from "./suspects.ts";

/**
 * What a client refuses of one type, and what follows from it. After a refused response nothing is known of its
 * resources: the client may hold the old content, the new one or none, so they are in doubt until one is accepted or
 * removed. A resource that was refused alone is convicted: this content of it is not sent again, until the client asks
 * for the name anew or the content changes.
 */
export interface Rejection {
  readonly name: string;
  readonly version: string;
  readonly message: string;
  /** Logical time of the NACK. */
  readonly sinceMs: number;
}

export interface RefusedResponse {
  readonly upserts: readonly VersionedResource[];
  /** False if not all of it counts any more, so that what does not may be to blame. */
  readonly isComplete: boolean;
  /** False if a smaller response would delete what it leaves out: then all of it is convicted at once. */
  readonly canSplit: boolean;
  readonly message: string;
  readonly sinceMs: number;
}

export class Refusals {
  private readonly doubted = new Set<string>();
  private readonly convicted = new Map<string, Rejection>();
  private readonly suspects = new Suspects();

  /** Names of which the client may hold any content or none. */
  get inDoubt(): ReadonlySet<string> {
    return this.doubted;
  }

  get rejections(): readonly Rejection[] {
    return this.convicted.size === 0 ? NONE : [...this.convicted.values()];
  }

  get isAny(): boolean {
    return this.convicted.size > 0 || this.suspects.isSearching;
  }

  isConvicted(name: string): boolean {
    return this.convicted.has(name);
  }

  /** This very content was refused. */
  covers({ name, version }: VersionedResource): boolean {
    return this.convicted.get(name)?.version === version;
  }

  /** This is given in the place of content that was refused. */
  stoodUpFor({ name, withheld }: VersionedResource): boolean {
    return withheld !== undefined && this.convicted.get(name)?.version === withheld;
  }

  /** Of what is due, the part to send next. */
  choose(due: readonly VersionedResource[]): readonly VersionedResource[] {
    return this.suspects.choose(due);
  }

  doubt(name: string): void {
    this.doubted.add(name);
  }

  /** The client asks for it anew: one more try. */
  readmit(name: string): void {
    this.convicted.delete(name);
  }

  readmitAll(): void {
    this.convicted.clear();
  }

  clear(name: string): void {
    this.doubted.delete(name);
    this.convicted.delete(name);
    this.suspects.clear(name);
  }

  prune(current: TypeSnapshot): void {
    this.suspects.prune(current.resources);
    for (const { name, version } of this.convicted.values()) {
      if (wantedVersionOf(current, name) !== version) this.convicted.delete(name);
    }
  }

  refuse(response: RefusedResponse, current: TypeSnapshot): void {
    const { upserts, isComplete, canSplit, message, sinceMs } = response;
    for (const { name } of upserts) this.doubted.add(name);
    if (isComplete && (upserts.length === 1 || !canSplit)) {
      for (const { name, version } of upserts) {
        this.suspects.clear(name);
        this.convicted.set(name, { name, version, message, sinceMs });
      }
    } else if (canSplit) {
      this.suspects.split(upserts, message);
    }
    this.prune(current);
  }
}

const NONE: readonly Rejection[] = [];
