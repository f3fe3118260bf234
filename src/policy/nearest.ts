/**
 * The known word an operator most likely meant: least number of single-letter edits and swaps of neighbours (optimal string
 * alignment), letter case ignored, at most one edit per three letters; else a word that holds the whole of a longer one.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted.length > 64) return undefined;
  let best: string | undefined;
  let bestEdits = Math.floor(wanted.length / 3) + 1;
  let holder: string | undefined;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    // Lengths alone bound the edits from below, which spares most of the work in a set of thousands of names.
    if (Math.abs(lower.length - wanted.length) < bestEdits) {
      const edits = countEdits(wanted, lower);
      if (edits < bestEdits) {
        best = candidate;
        bestEdits = edits;
      }
    }
    if (wanted.length >= 4 && lower.includes(wanted)) holder ??= candidate;
  }
  return best ?? holder;
}

/** `; did you mean NAME?`, or nothing if no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const guess = nearest(word, known);
  return guess === undefined ? "" : `; did you mean ${guess}?`;
}

/** The same, or else `; PLURAL: A, B`: all there are. */
export function didYouMeanOneOf(word: string, known: readonly string[], plural: string): string {
  return didYouMean(word, known) || `; ${plural}: ${known.join(", ") || "none"}`;
}

function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swap = swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, change, swap));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
