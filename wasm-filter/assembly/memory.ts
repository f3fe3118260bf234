/**
 * Memory the host writes into. Everything it hands over during one callback lies in one arena that starts empty with each
 * callback, so a request allocates nothing and memory does not grow. What does not fit is refused with a null pointer: the
 * host then answers InvalidMemoryAccess and the caller takes its safe default.
 */

/** Envoy's header limit is 60 KiB by default; as pairs with 100 headers that is 62,448 bytes. A configuration has 64 KiB. */
const ARENA_BYTES: u32 = 66560;
const ARENA: usize = heap.alloc(ARENA_BYTES);
let used: u32 = 0;

/** Called at the top of every callback: what the host gave before is forgotten. */
export function resetArena(): void {
  used = 0;
}

/** Room for `size` bytes, or 0 if the arena is full. */
export function allocate(size: u32): usize {
  if (size > ARENA_BYTES - used) return 0;
  const at: usize = ARENA + used;
  used = min<u32>((used + size + 7) & ~7, ARENA_BYTES);
  return at;
}

/** Whether the bytes lie inside what the arena gave out. */
export function isInArena(ptr: usize, size: u32): bool {
  const offset: usize = ptr - ARENA;
  return size === 0 || (ptr >= ARENA && offset <= used && size <= used - <u32>offset);
}

/** A run of bytes that belongs to someone else. */
@unmanaged
export class Span {
  ptr: usize;
  size: u32;
}

/** A plain loop: most pairs of names differ in their first bytes, and the library's comparison is 300 bytes at each place. */
export function equals(a: usize, aSize: u32, b: usize, bSize: u32): bool {
  if (aSize !== bSize) return false;
  for (let i: u32 = 0; i < aSize; i++) {
    if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  }
  return true;
}
