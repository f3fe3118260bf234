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
  /** Sum of the squares of the blocks' variances. */
  readonly square: number;
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
/** Squared relative wobble of a rate from block to block that is supposed before any is seen, and in how many blocks. */
const SUPPOSED_WOBBLE = 0.1;
const PRIOR_BLOCKS = 2;
/**
 * More is no scatter but a change: bursts of about 15 events, rates of an arm that wobble by 71 % from block to block.
 * Without an end a canary that breaks late would long pass for one that scatters.
 */
const MOST_BURST = 15;
const MOST_WOBBLE = 0.5;
const NO_BLOCKS: Blocks = {
  scatter: 0,
  variance: 0,
  square: 0,
  seconds: 0,
  hits: 0,
  bad: 0,
  evenHits: 0,
};

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
export function phiOf(
  { short, long }: Dispersion,
  multiple: number,
  supposed = SUPPOSED_WOBBLE,
): number {
  return Math.max(1, phiOfBlocks(short, multiple, supposed), phiOfBlocks(long, multiple, supposed));
}

/**
 * Two ways: over all blocks, and for a block as full as the newest or the mean if the rate of each arm wobbles from block
 * to block, variance V + wobble V^2: the more events a block holds, the more of its scatter is wobble.
 */
function phiOfBlocks(blocks: Blocks, multiple: number, supposed: number): number {
  const chance = chanceOf(blocks, multiple);
  const newest = blocks.bad * chance * (1 - chance);
  const scatter = blocks.scatter + (blocks.hits - blocks.bad * chance) ** 2;
  const variance = blocks.variance + newest;
  const square = blocks.square + newest ** 2;
  if (variance === 0) return 1;
  const full = Math.max(newest, square / variance);
  // The second part: as many events as the first way takes for granted.
  const prior = PRIOR_BLOCKS * full ** 2 + PRIOR * full;
  const wobble = Math.max(0, scatter - variance + supposed * prior) / (square + prior);
  const phi = Math.max((scatter + PRIOR) / (variance + PRIOR), 1 + wobble * full);
  return Math.min(phi, Math.max(MOST_BURST, 1 + MOST_WOBBLE * full));
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
    square: known.square,
    seconds: known.seconds + seconds,
    hits: known.hits + hits,
    bad: known.bad + bad,
    evenHits: known.evenHits + bad * share,
  };
  return block.seconds < blockSeconds ? block : close(block, multiple);
}

function close(block: Blocks, multiple: number): Blocks {
  const chance = chanceOf(block, multiple);
  const variance = block.bad * chance * (1 - chance);
  return {
    ...NO_BLOCKS,
    scatter: block.scatter + (block.hits - block.bad * chance) ** 2,
    variance: block.variance + variance,
    square: block.square + variance ** 2,
  };
}

/** That a bad event of the block is the first arm's. */
function chanceOf({ bad, evenHits }: Blocks, multiple: number): number {
  const odds = multiple * evenHits;
  return bad === 0 ? 0 : odds / (odds + bad - evenHits);
}
