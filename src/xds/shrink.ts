import type { Snapshot } from "./snapshot.ts";

/** More than half of what one type has would go: as a rule a source that was read in part, not what somebody wants. */
export interface Shrink {
  readonly typeUrl: string;
  /** Resources of the type before. */
  readonly before: number;
  /** Of those, the ones that are not there after. */
  readonly removed: number;
}

/** Below this so many as a person still sees at a glance. */
const LEAST_GUARDED = 10;

export function shrinksOf(before: Snapshot | undefined, after: Snapshot): readonly Shrink[] {
  return [...(before?.types ?? [])].flatMap(([typeUrl, { resources }]) => {
    const left = after.types.get(typeUrl)?.resources;
    const removed = [...resources.keys()].filter((name) => left?.has(name) !== true).length;
    const isShrink = resources.size >= LEAST_GUARDED && removed * 2 > resources.size;
    return isShrink ? [{ typeUrl, before: resources.size, removed }] : [];
  });
}
