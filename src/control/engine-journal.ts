import type { AuditLog } from "../audit/log.ts";
import { EMPTY_STATE, type EngineState } from "../decide/engine/state.ts";
import type { DecisionRecord } from "../decide/record.ts";
import type { Store } from "../store/store.ts";
import type { EngineJournal } from "./engine-keeper.ts";

/** The engine's past in the store: its records in the audit log, its state as one document. */
const STATE_KEY = "engine/state";

/** A record's body survives JSON by its own contract. */
type JsonBody = Parameters<AuditLog["append"]>[0]["body"];

/** Another version of the engine cannot read it. */
const FORMAT = 1;

export function storedJournal(store: Store, audit: AuditLog, now: () => Date): EngineJournal {
  return {
    load: async () => {
      const text = await store.get(STATE_KEY);
      if (text === undefined) return undefined;
      const { format, state } = JSON.parse(text) as { format: number; state: EngineState };
      return format === FORMAT ? { ...EMPTY_STATE, ...state } : undefined;
    },
    write: async (records, state) => {
      const at = now().toISOString();
      // In the log first: what was done must never be unknown; what is told twice does no harm.
      await Promise.all(records.map((record) => audit.append({ ...record, body: { ...record.body } as JsonBody, at })));
      await store.put(STATE_KEY, JSON.stringify({ format: FORMAT, state }));
    },
  };
}
