import type { ActionInForce, MeshMove } from "./action.ts";

/**
 * The decision behind what is laid over a document, so that a response can name it. Only Policies: their decisions can be
 * explained by their id. Of several the newest is named.
 */
export function markOf(
  actions: readonly ActionInForce[],
  touches: (move: MeshMove) => boolean,
): { readonly decision?: string } {
  const [newest] = actions
    .filter(({ by, isShadow, move }) => by.kind === "Policy" && !isShadow && touches(move))
    .sort((a, b) => b.sinceTick - a.sinceTick || (a.id < b.id ? -1 : 1));
  return newest === undefined ? {} : { decision: newest.id.replace(/^a-/, "") };
}
