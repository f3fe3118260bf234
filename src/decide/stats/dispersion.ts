/**
 * How much more the split of bad events between two arms scatters than independent requests would: phi = sum of squared
 * deviations through sum of variances, over blocks of 10 s and of 60 s, the larger. Deviations are from the multiple
 * known at the end of a block, so neither a true difference nor a base rate that moves for both arms counts as scatter,
 * but a burst on one arm does. At least 1. Evidence is raised to 1 / phi.
 */
export interface Dispersion {
  readonly short: Blocks;
  readonly long: Blocks;
}

/** Sums over finished blocks, then what the unfinished one holds. */
interface Blocks {
  readonly scatter: number;
  readonly variance: number;
  readonly seconds: number;
  readonly hits: number;
  readonly bad: number;
  /** Hits at an equal rate. */
  readonly evenHits: number;
}

interface BlockPart {
  readonly share: number;
  readonly hits: number;
  readonly bad: number;
}

const SHORT_SECONDS = 10;
const LONG_SECONDS = 60;
/** Events' worth of scatter that is taken for granted to be 1. */
const PRIOR = 2;
const NO_BLOCKS: Blocks = { scatter: 0, variance: 0, seconds: 0, hits: 0, bad: 0, evenHits: 0 };

export const NO_DISPERSION: Dispersion = { short: NO_BLOCKS, long: NO_BLOCKS };

/** `multiple`: first arm's rate through the second's, as known with this part. */
export function scatter(
  known: Dispersion,
  part: BlockPart,
  seconds: number,
  multiple: number,
): Dispersion {
  return {
    short: add(known.short, part, seconds, SHORT_SECONDS, multiple),
    long: add(known.long, part, seconds, LONG_SECONDS, multiple),
  };
}

/** Unfinished blocks count, so that a burst is one at once. */
export function phiOf({ short, long }: Dispersion, multiple: number): number {
  return Math.max(1, phiOfBlocks(short, multiple), phiOfBlocks(long, multiple));
}

function phiOfBlocks(blocks: Blocks, multiple: number): number {
  const chance = chanceOf(blocks, multiple);
  const scatter = blocks.scatter + (blocks.hits - blocks.bad * chance) ** 2;
  const variance = blocks.variance + blocks.bad * chance * (1 - chance);
  return (scatter + PRIOR) / (variance + PRIOR);
}

function add(
  known: Blocks,
  { share, hits, bad }: BlockPart,
  seconds: number,
  blockSeconds: number,
  multiple: number,
): Blocks {
  const block: Blocks = {
    scatter: known.scatter,
    variance: known.variance,
    seconds: known.seconds + seconds,
    hits: known.hits + hits,
    bad: known.bad + bad,
    evenHits: known.evenHits + bad * share,
  };
  return block.seconds < blockSeconds ? block : close(block, multiple);
}

function close(block: Blocks, multiple: number): Blocks {
  const chance = chanceOf(block, multiple);
  return {
    ...NO_BLOCKS,
    scatter: block.scatter + (block.hits - block.bad * chance) ** 2,
    variance: block.variance + block.bad * chance * (1 - chance),
  };
}

/** That a bad event of the block is the first arm's. */
function chanceOf({ bad, evenHits }: Blocks, multiple: number): number {
  const odds = multiple * evenHits;
  return bad === 0 ? 0 : odds / (odds + bad - evenHits);
}
