import { z } from "zod";
import type { CapacityMemory } from "../decide/capacity-memory.ts";
import type { Store } from "../store/store.ts";
import { CapacityKeeper } from "./capacity-keeper.ts";
import { StateDocument } from "./state-document.ts";

/**
 * Capacity memory over a restart of the control plane. Kept is what was pushed last: the next process publishes just that,
 * so Envoys that run are sent nothing, and one that starts begins where the others were.
 */
const CAPACITY = {
  key: "capacity",
  version: 1,
  /** By role, by scope. */
  schema: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ limit: z.number().positive(), baselineMs: z.number().positive() }),
    ),
  ),
};

/** `onProblem`: one sentence; the mesh goes on without memory, or without it being kept. */
export async function openCapacity(
  store: Pick<Store, "get" | "put">,
  onProblem: (why: string) => void,
): Promise<CapacityKeeper> {
  const document = new StateDocument(store, CAPACITY);
  const loaded = await document.load();
  if (loaded.kind === "unusable") onProblem(loaded.why);
  const pushed = loaded.kind === "loaded" ? Object.entries(loaded.value) : [];
  return new CapacityKeeper({
    pushed: new Map(pushed.map(([role, scopes]) => [role, new Map(Object.entries(scopes))])),
    onPushed: (memories) => {
      document.save(toPlain(memories)).catch((error: Error) => onProblem(error.message));
    },
  });
}

function toPlain(memories: ReadonlyMap<string, CapacityMemory>): z.infer<typeof CAPACITY.schema> {
  return Object.fromEntries(
    [...memories].map(([role, scopes]) => [role, Object.fromEntries(scopes)]),
  );
}
