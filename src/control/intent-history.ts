import { z } from "zod";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Store } from "../store/store.ts";
import { StateDocument } from "./state-document.ts";

/** The last sets that were in force, by digest, so that one of them can be put in force again whatever the folder holds. */
const MOST_SETS = 20;
const VERSION = 1;

const index = z.array(z.object({ digest: z.string(), at: z.string() }));
const policySet = z.looseObject({ digest: z.string() });

export interface KeptSet {
  readonly digest: string;
  /** When it last came into force, ISO 8601. */
  readonly at: string;
}

export class IntentHistory {
  readonly #index: StateDocument<KeptSet[]>;

  constructor(private readonly store: Pick<Store, "get" | "put">) {
    this.#index = new StateDocument(store, {
      key: "intent/index",
      version: VERSION,
      schema: index,
    });
  }

  /** Newest first. */
  async list(): Promise<readonly KeptSet[]> {
    const found = await this.#index.load();
    return found.kind === "loaded" ? found.value : [];
  }

  /** The last that was in force; undefined: none is kept that can be read. */
  async newest(): Promise<PolicySet | undefined> {
    const [newest] = await this.list();
    return newest && this.find(newest.digest);
  }

  /** Rejects with a StoreRefusal, or where a set is larger than the store takes. */
  async keep(set: PolicySet, at: string): Promise<void> {
    const known = await this.list();
    if (known[0]?.digest === set.digest) return;
    await this.#set(set.digest).save(set);
    const others = known.filter(({ digest }) => digest !== set.digest);
    await this.#index.save([{ digest: set.digest, at }, ...others].slice(0, MOST_SETS));
  }

  /** By its digest or the beginning of it, 8 characters at least; undefined: none, or several. */
  async find(digest: string): Promise<PolicySet | undefined> {
    const found = (await this.list()).filter((each) => each.digest.startsWith(digest));
    const [only, other] = found;
    if (only === undefined || other !== undefined || digest.length < 8) return undefined;
    const loaded = await this.#set(only.digest).load();
    // Written by `keep` of this version: what is checked is that it is the set of that digest.
    if (loaded.kind !== "loaded" || loaded.value.digest !== only.digest) return undefined;
    return loaded.value as unknown as PolicySet;
  }

  #set(digest: string): StateDocument<{ digest: string }> {
    const schema = policySet as unknown as z.ZodType<{ digest: string }>;
    return new StateDocument(this.store, { key: `intent/${digest}`, version: VERSION, schema });
  }
}
