import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type MeshIdentities,
  type MeshIdentity,
  readMeshIdentities,
} from "../identity/mesh-identity.ts";
import { FolderWatch } from "./folder-watch.ts";

/**
 * The certificates of the mesh's own traffic, watched: a new one is handed out at once, and one that cannot be used leaves
 * the one before. Files of one change come within the quiet time.
 */
export interface MeshIdentityKeeperOptions {
  /** Folder that `qmesh certs` keeps. */
  readonly certs: string;
  readonly trustDomain: string;
  readonly now: () => Date;
  /** After a change: what is in force is another than before, and what could not be used. */
  readonly onChange: (change: {
    readonly isNew: boolean;
    readonly faults: readonly string[];
  }) => void;
}

const QUIET_MS = 100;

export class MeshIdentityKeeper {
  #identities: MeshIdentities;
  #quiet: NodeJS.Timeout | undefined;
  readonly #watch: FolderWatch;

  /** Throws as `mkdirSync` does if the folder cannot be had. */
  constructor(private readonly options: MeshIdentityKeeperOptions) {
    const folder = join(options.certs, "roles");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#watch = new FolderWatch(folder, () => {
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(() => this.#read(), QUIET_MS);
    });
    this.#identities = this.#load();
  }

  /** `role`: `sidecar/checkout`. */
  of(role: string): MeshIdentity | undefined {
    return this.#identities.byRole.get(role);
  }

  get faults(): readonly string[] {
    return this.#identities.faults;
  }

  stop(): void {
    clearTimeout(this.#quiet);
    this.#watch.stop();
  }

  #load(last?: MeshIdentities): MeshIdentities {
    const { certs, trustDomain, now } = this.options;
    return readMeshIdentities(certs, { trustDomain, now: now(), ...(last && { last }) });
  }

  #read(): void {
    const last = this.#identities;
    try {
      this.#watch.scan();
      this.#identities = this.#load(last);
    } catch (error) {
      // The folder went; what was read from it stays.
      this.options.onChange({ isNew: false, faults: [(error as Error).message] });
      return;
    }
    const [before, after] = [last, this.#identities].map(({ byRole }) =>
      JSON.stringify([...byRole]),
    );
    this.options.onChange({ isNew: before !== after, faults: this.faults });
  }
}
