/**
 * The streams in flight: 4096 at most, in a table of 8192 slots of 16 bytes with open addressing by context id. Deleting
 * shifts the run behind it back, so there are no tombstones and a long life costs nothing. Ids come in sequence and skip those
 * still alive; multiplying spreads a long row of old streams, which would otherwise have to be walked one by one.
 */
const BITS: u32 = 13;
const SLOTS: u32 = 1 << BITS;
const MASK: u32 = SLOTS - 1;
export const MAX_STREAMS: u32 = 4096;
/** The start of a stream that is not counted in the limit. */
export const EXEMPT: u64 = u64.MAX_VALUE;

@unmanaged
export class Slot {
  /** Context id of the stream; 0 where the slot is free. */
  id: u32;
  /** The scope's ledger. */
  ledger: usize;
  /** When the request came; 0 once its answer has been counted; `EXEMPT`. */
  startUs: u64;
}

const SLOT_BYTES: u32 = offsetof<Slot>();
const TABLE: usize = zeroed(SLOTS * SLOT_BYTES);
let count: u32 = 0;

function zeroed(size: u32): usize {
  const at = heap.alloc(size);
  memory.fill(at, 0, size);
  return at;
}

function slotAt(index: u32): Slot {
  return changetype<Slot>(TABLE + index * SLOT_BYTES);
}

/** Fibonacci hashing: 2^32 divided by the golden ratio. */
function home(id: u32): u32 {
  return (id * 2654435769) >>> (32 - BITS);
}

export function isFull(): bool {
  return count === MAX_STREAMS;
}

export function findSlot(id: u32): Slot | null {
  let i = home(id);
  while (slotAt(i).id !== id && slotAt(i).id !== 0) i = (i + 1) & MASK;
  const slot = slotAt(i);
  return slot.id === 0 ? null : slot;
}

/** Only while not full, and for an id that is not there. */
export function insertSlot(id: u32, ledger: usize, startUs: u64): void {
  let i = home(id);
  while (slotAt(i).id !== 0) i = (i + 1) & MASK;
  const slot = slotAt(i);
  slot.id = id;
  slot.ledger = ledger;
  slot.startUs = startUs;
  count++;
}

export function removeSlot(removed: Slot): void {
  let hole: u32 = <u32>(changetype<usize>(removed) - TABLE) / SLOT_BYTES;
  for (let i = (hole + 1) & MASK; slotAt(i).id !== 0; i = (i + 1) & MASK) {
    // Invariant: every stream is reachable from its home without meeting a free slot.
    const fromHome = (i - home(slotAt(i).id)) & MASK;
    if (fromHome < ((i - hole) & MASK)) continue;
    memory.copy(changetype<usize>(slotAt(hole)), changetype<usize>(slotAt(i)), SLOT_BYTES);
    hole = i;
  }
  slotAt(hole).id = 0;
  count--;
}
