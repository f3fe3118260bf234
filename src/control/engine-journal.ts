import { z } from "zod";
import type { AuditLog } from "../audit/log.ts";
import { EMPTY_STATE, type EngineState } from "../decide/engine/state.ts";
import type { Store } from "../store/store.ts";
import type { EngineJournal } from "./engine-keeper.ts";
import { StateDocument } from "./state-document.ts";

/**
 * The engine's past in the store: its records in the audit log, its state as one document for each rollout and policy and
 * one for the rest, so that a tick writes what it changed. What is unusable is begun anew, and said.
 */
const VERSION = 1;

/** A record's body survives JSON by its own contract. */
type JsonBody = Parameters<AuditLog["append"]>[0]["body"];

const machine = z.looseObject({ key: z.string() });
const rest = z.looseObject({
  rollouts: z.array(z.string()),
  policies: z.array(z.string()),
});

export interface JournalOptions {
  readonly store: Pick<Store, "get" | "put">;
  readonly audit: Pick<AuditLog, "append">;
  readonly now: () => Date;
  /** One sentence. */
  readonly onProblem: (why: string) => void;
}

export function storedJournal({ store, audit, now, onProblem }: JournalOptions): EngineJournal {
  const documents = new Map<string, StateDocument<unknown>>();
  const documentOf = (key: string): StateDocument<unknown> => {
    const known = documents.get(key);
    const schema: z.ZodType<unknown> = key === "rest" ? rest : machine;
    const made =
      known ?? new StateDocument(store, { key: `engine/${key}`, version: VERSION, schema });
    documents.set(key, made);
    return made;
  };
  const read = async (key: string): Promise<unknown> => {
    const loaded = await documentOf(key).load();
    if (loaded.kind === "unusable") onProblem(loaded.why);
    return loaded.kind === "loaded" ? loaded.value : undefined;
  };
  const readAll = async (kind: string, names: readonly string[]) => {
    const values = await Promise.all(names.map((name) => read(`${kind}/${name}`)));
    return Object.fromEntries(
      names.map((name, at) => [name, values[at]]).filter(([, value]) => value !== undefined),
    );
  };
  return {
    load: async () => {
      const found = (await read("rest")) as z.infer<typeof rest> | undefined;
      if (found === undefined) return undefined;
      const rollouts = await readAll("rollout", found.rollouts);
      const policies = await readAll("policy", found.policies);
      return { ...EMPTY_STATE, ...found, rollouts, policies } as EngineState;
    },
    write: async (records, { rollouts, policies, ...others }) => {
      const at = now().toISOString();
      // In the log first: what was done must never be unknown; what is told twice does no harm.
      await Promise.all(
        records.map((record) =>
          audit.append({ ...record, body: { ...record.body } as unknown as JsonBody, at }),
        ),
      );
      const names = { rollouts: Object.keys(rollouts), policies: Object.keys(policies) };
      await Promise.all([
        ...Object.entries(rollouts).map(([name, value]) =>
          documentOf(`rollout/${name}`).save(value),
        ),
        ...Object.entries(policies).map(([name, value]) =>
          documentOf(`policy/${name}`).save(value),
        ),
        documentOf("rest").save({ ...others, ...names }),
      ]);
    },
  };
}
