/** Counts between edges, of an explicit or an exponential histogram; an edge may be infinite. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Of buckets whose edges need not be the same; values lie evenly within a bucket. Undefined: there are none. */
export function quantileOf(buckets: readonly Bucket[], q: number): number | undefined {
  const finite = buckets.filter(({ count }) => count > 0).map(toFinite);
  const total = finite.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  const below = (x: number) => finite.reduce((sum, bucket) => sum + countBelow(bucket, x), 0);
  let low = Math.min(...finite.map(({ from }) => from));
  let high = Math.max(...finite.map(({ to }) => to));
  if (below(low) >= q * total) return low;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (below(middle) >= q * total) high = middle;
    else low = middle;
  }
  return high;
}

/** Halvings: more than a double tells apart. */
const STEPS = 60;

/** Of what is beyond the last edge only that edge is known. */
function toFinite({ from, to, count }: Bucket): Bucket {
  if (to === Number.POSITIVE_INFINITY) return { from, to: from, count };
  return from === Number.NEGATIVE_INFINITY
    ? { from: Math.min(0, to), to, count }
    : { from, to, count };
}

function countBelow({ from, to, count }: Bucket, x: number): number {
  if (x >= to) return count;
  return x <= from ? 0 : (count * (x - from)) / (to - from);
}

/** `counts` has one more than `bounds`. */
export function explicitBuckets(bounds: readonly number[], counts: readonly number[]): Bucket[] {
  return counts.map((count, at) => ({
    from: bounds[at - 1] ?? Number.NEGATIVE_INFINITY,
    to: bounds[at] ?? Number.POSITIVE_INFINITY,
    count,
  }));
}

/** Base 2^(2^-scale); bucket i holds what is above base^i, up to base^(i+1). */
export function exponentialBuckets(
  scale: number,
  { zero, offset, counts }: { zero: number; offset: number; counts: readonly number[] },
): Bucket[] {
  const edge = (index: number) => 2 ** (index * 2 ** -scale);
  const positive = counts.map((count, at) => ({
    from: edge(offset + at),
    to: edge(offset + at + 1),
    count,
  }));
  return [{ from: 0, to: 0, count: zero }, ...positive];
}
