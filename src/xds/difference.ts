import type { Resources } from "./held.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * What a client that holds exactly one set lacks of another. Computed once for each pair, however many streams make the
 * same step, and always the same arrays: so what is encoded from them is shared too (`wire.ts`).
 */
export interface Difference {
  readonly upserts: readonly VersionedResource[];
  readonly removals: readonly string[];
}

const known = new WeakMap<Resources, WeakMap<Resources, Difference>>();

export function differenceOf(from: Resources, to: Resources): Difference {
  if (from === to) return NONE;
  const targets = known.get(from) ?? new WeakMap<Resources, Difference>();
  known.set(from, targets);
  const difference = targets.get(to) ?? compare(from, to);
  targets.set(to, difference);
  return difference;
}

function compare(from: Resources, to: Resources): Difference {
  const changed = [...to.values()].filter(
    ({ name, version }) => from.get(name)?.version !== version,
  );
  const removed = [...from.keys()].filter((name) => !to.has(name));
  return { upserts: changed, removals: removed };
}

const NONE: Difference = { upserts: [], removals: [] };
