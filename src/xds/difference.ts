import { type Batch, NOTHING } from "./batch.ts";
import type { Resources } from "./held.ts";

/**
 * What a client that holds exactly one set lacks of another. Computed once for each pair, however many streams make the
 * same step, and always the same arrays: so what is encoded from them is shared too (`wire.ts`).
 */
const known = new WeakMap<Resources, WeakMap<Resources, Batch>>();

export function differenceOf(from: Resources, to: Resources): Batch {
  if (from === to) return NOTHING;
  const targets = known.get(from) ?? new WeakMap<Resources, Batch>();
  known.set(from, targets);
  const difference = targets.get(to) ?? compare(from, to);
  targets.set(to, difference);
  return difference;
}

function compare(from: Resources, to: Resources): Batch {
  const changed = [...to.values()].filter(
    ({ name, version }) => from.get(name)?.version !== version,
  );
  const removed = [...from.keys()].filter((name) => !to.has(name));
  return { ...NOTHING, upserts: changed, removals: removed };
}
