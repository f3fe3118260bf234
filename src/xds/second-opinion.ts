/**
 * Whom else to ask before what one node refused is withheld from all nodes of its key. The node that happens to answer first
 * may have a trouble of its own, and so may its neighbours in the order of the fan-out: so the others are chosen by a
 * hash of their id and of the content, which is neither the order in which they came nor the same for every change.
 */
export function secondsOf(
  nodeIds: Iterable<string>,
  { but, content }: { readonly but: string; readonly content: string },
): readonly string[] {
  const distinct = [...new Set(nodeIds)].filter((id) => id !== but);
  const ranked = distinct.map((id) => ({ id, rank: hash(`${content} ${id}`) }));
  // A fleet is read through once; sorting all of it would take longer than the answer.
  const chosen: typeof ranked = [];
  for (const one of ranked) {
    chosen.push(one);
    chosen.sort((a, b) => a.rank - b.rank);
    if (chosen.length > SECONDS) chosen.pop();
  }
  return chosen.map(({ id }) => id);
}

/** With 1 % of a fleet refusing whatever comes, one second is wrong once in 100 changes, two once in 10,000. */
export const SECONDS = 2;

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}
