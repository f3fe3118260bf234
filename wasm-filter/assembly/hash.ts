import { HASH_SEED, hashByte } from "../../src/core/hash.ts";

/** The core's hash of the last 64 bytes at most: a value may be 60 kB long, and names and ids differ at their end. */
const MAX_HASHED: u32 = 64;

/** In [-2^31, 2^31). */
export function hashOf(ptr: usize, size: u32): f64 {
  let hash: f64 = HASH_SEED;
  for (let i: u32 = size > MAX_HASHED ? size - MAX_HASHED : 0; i < size; i++) {
    hash = hashByte(hash, load<u8>(ptr + i));
  }
  return hash;
}
