import { digestOf } from "../../policy/digest.ts";

/**
 * Some of the Envoys, by hash of their id: those whose position lies below a cut. The position of an Envoy depends on the seed
 * and its id alone, so who is in stays in, over restarts of either side, and who comes later is in with the same chance. Where
 * the cut lies is chosen once, between the positions of the Envoys there are: a tenth of 20 are 2, not about 2.
 */
export interface NodeShare {
  /** Another seed orders the Envoys anew. */
  readonly seed: string;
  /** [0, 1]. */
  readonly below: number;
}

export function isIn({ seed, below }: NodeShare, nodeId: string): boolean {
  return positionOf(seed, nodeId) < below;
}

/** That share of the Envoys, and one at least. Where none is known: of those that come. */
export function shareOf(seed: string, ratio: number, nodeIds: readonly string[]): NodeShare {
  const count = Math.max(1, Math.round(ratio * nodeIds.length));
  return { seed, below: nodeIds.length === 0 ? ratio : cutAfter(seed, count, nodeIds) };
}

/** All but that share; undefined: that would hold back none of them, or all. */
export function allBut(
  seed: string,
  ratio: number,
  nodeIds: readonly string[],
): NodeShare | undefined {
  const count = nodeIds.length - Math.round(ratio * nodeIds.length);
  if (count === 0 || count === nodeIds.length) return undefined;
  return { seed, below: cutAfter(seed, count, nodeIds) };
}

function cutAfter(seed: string, count: number, nodeIds: readonly string[]): number {
  const positions = nodeIds.map((id) => positionOf(seed, id)).sort((a, b) => a - b);
  const next = positions[count];
  return next === undefined ? 1 : ((positions[count - 1] ?? 0) + next) / 2;
}

/** [0, 1), evenly spread. */
function positionOf(seed: string, nodeId: string): number {
  return Number.parseInt(digestOf([seed, nodeId]).slice(0, 12), 16) / 2 ** 48;
}

/**
 * Under which evidence keeps the requests of the Envoys an action holds on, those of the others, and those that a denial in
 * shadow has judged.
 */
export function armOf(actionId: string, arm: "treated" | "held" | "shadow" | "good"): string {
  return `${actionId} ${arm}`;
}
