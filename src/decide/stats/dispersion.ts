/**
 * How much more the split of bad events between two arms scatters than independent requests would: phi = sum of squared
 * deviations through sum of variances, over blocks of 10 s and of 60 s, the larger. Deviations are from the multiple
 * known at the end of a block, so neither a true difference nor a base rate that moves for both arms counts as scatter,
 * but a burst on one arm does. At least 1. Evidence is raised to 1 / phi.
 */
export type Dispersion = readonly Scale[];

interface Scale {
  readonly blockSeconds: number;
  /** Of finished blocks. */
  readonly scatter: number;
  readonly variance: number;
  readonly block: Block;
}

interface Block {
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
  readonly seconds: number;
}

/** Events' worth of scatter that is taken for granted to be 1. */
const PRIOR = 2;
const NO_BLOCK: Block = { seconds: 0, hits: 0, bad: 0, evenHits: 0 };

export const NO_DISPERSION: Dispersion = [10, 60].map((blockSeconds) => ({
  blockSeconds,
  scatter: 0,
  variance: 0,
  block: NO_BLOCK,
}));

/** `multiple`: first arm's rate through the second's, as known with this part. */
export function scatter(known: Dispersion, part: BlockPart, multiple: number): Dispersion {
  return known.map((scale) => {
    const block = add(scale.block, part);
    if (block.seconds < scale.blockSeconds) return { ...scale, block };
    const found = deviation(block, multiple);
    return {
      ...scale,
      scatter: scale.scatter + found.scatter,
      variance: scale.variance + found.variance,
      block: NO_BLOCK,
    };
  });
}

/** Unfinished blocks count, so that a burst is one at once. */
export function phiOf(known: Dispersion, multiple: number): number {
  let most = 1;
  for (const { scatter, variance, block } of known) {
    const found = deviation(block, multiple);
    const phi = (scatter + found.scatter + PRIOR) / (variance + found.variance + PRIOR);
    if (phi > most) most = phi;
  }
  return most;
}

function add(block: Block, { share, hits, bad, seconds }: BlockPart): Block {
  return {
    seconds: block.seconds + seconds,
    hits: block.hits + hits,
    bad: block.bad + bad,
    evenHits: block.evenHits + bad * share,
  };
}

function deviation(
  { hits, bad, evenHits }: Block,
  multiple: number,
): { scatter: number; variance: number } {
  if (bad === 0) return { scatter: 0, variance: 0 };
  const odds = multiple * evenHits;
  const chance = odds / (odds + bad - evenHits);
  return { scatter: (hits - bad * chance) ** 2, variance: bad * chance * (1 - chance) };
}
