/**
 * FNV-1a on 32 bits, byte by byte, so that a caller hashes where the bytes lie. http://www.isthe.com/chongo/tech/comp/fnv/
 * Hashes are whole numbers in [-2^31, 2^31).
 */
export const HASH_SEED: number = -2128831035;
const PRIME: number = 16777619;
const MIX: number = 73244475;
const COHORTS: number = 64;

export function hashByte(hash: number, byte: number): number {
  return Math.imul(((hash as i32) ^ (byte as i32)) as number, PRIME);
}

/** [0, 1) in steps of 1/64. Mixed once more first: the upper bits of a short name's hash are hardly mixed. */
export function cohortOf(hash: number): number {
  const folded: number = ((hash as i32) ^ ((hash as i32) >>> 16)) as number;
  const mixed: number = Math.imul(folded, MIX);
  const index: number = ((mixed as i32) >>> 26) as number;
  return index / COHORTS;
}
