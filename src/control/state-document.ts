import { z } from "zod";
import type { Lease, Store } from "../store/store.ts";

/**
 * One value in the store that outlives the process: checked when it is read, written only if it differs. Small (at most
 * `MAX_BODY_BYTES` as JSON): a state that grows with the mesh is one document per thing.
 */
export interface StateShape<T> {
  /** Of the document: `capacity`, `engine/rollout/checkout`. */
  readonly key: string;
  /** Raised with every change of the schema that older values do not fit. */
  readonly version: number;
  readonly schema: z.ZodType<T>;
}

export type Loaded<T> =
  | { readonly kind: "none" }
  | { readonly kind: "loaded"; readonly value: T }
  /** `why`: a sentence. What is there stays until the next save. */
  | { readonly kind: "unusable"; readonly why: string };

const envelope = z.object({ version: z.int(), value: z.unknown() });

export class StateDocument<T> {
  #written: string | undefined;

  constructor(
    private readonly store: Pick<Store, "get" | "put">,
    private readonly shape: StateShape<T>,
  ) {}

  async load(): Promise<Loaded<T>> {
    const { key, version, schema } = this.shape;
    const text = await this.store.get(key);
    if (text === undefined) return { kind: "none" };
    const unusable = (why: string) => ({ kind: "unusable" as const, why: `state ${key}: ${why}.` });
    const found = envelope.safeParse(jsonOf(text));
    if (!found.success) return unusable("is not what this program writes");
    if (found.data.version !== version)
      return unusable(`has version ${found.data.version}, this program reads ${version}`);
    const value = schema.safeParse(found.data.value);
    if (!value.success) return unusable(sentenceOf(value.error));
    this.#written = text;
    return { kind: "loaded", value: value.data };
  }

  /** Durable once resolved; nothing is written if the value is what was written last. Rejects with a StoreRefusal. */
  async save(value: T, under?: Lease): Promise<void> {
    const { key, version } = this.shape;
    const text = JSON.stringify({ version, value });
    if (text === this.#written) return;
    // Unknown until it is there: a save that failed must not make an equal one seem done.
    this.#written = undefined;
    await this.store.put(key, text, under);
    this.#written = text;
  }
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".")}: ${issue?.message}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
