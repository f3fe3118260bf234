import type { Draft } from "../draft.ts";
import { type AdapterSpec, signalsOf } from "./adapter.ts";

/** Of two values of one signal nobody could say which counts. */
export function checkTwinSignals(adapters: readonly Draft<AdapterSpec>[]): void {
  const first = new Map<string, string>();
  for (const draft of adapters) {
    const told = new Set<string>();
    for (const { name, path } of signalsOf(draft.spec)) {
      const other = first.get(name);
      if (other === undefined) first.set(name, draft.name);
      else if (other !== draft.name && !told.has(name)) {
        told.add(name);
        draft.wrong("QM0219", path, `Adapter ${other} already brings a signal ${name}`);
      }
    }
  }
}
