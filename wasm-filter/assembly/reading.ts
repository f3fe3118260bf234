import { Region } from "./records.ts";
import { putNumber, putText, textSize } from "./text.ts";
import { Wire, WireType } from "./wire.ts";

/**
 * What every decoder of a configuration shares: the cursor over the bytes, the region records are made in, and the words for
 * what is wrong. A refusal appends field and reason to the path built so far and answers false, which every caller hands up.
 */
export const wire: Wire = new Wire();
const SCRATCH_BYTES: u32 = 256;
const SCRATCH: usize = heap.alloc(SCRATCH_BYTES);
const NO_REGION: Region = new Region();
let region: Region = NO_REGION;
let isFull: bool = false;

export function open(ptr: usize, size: u32, into: Region): void {
  wire.open(ptr, size);
  region = into;
  isFull = false;
}

/**
 * A zeroed record of `size` bytes, at most 256. With the region full it is one nobody keeps, and the cursor is broken so
 * that every loop ends.
 */
export function make(size: u32): usize {
  const record = region.take(size);
  if (record !== 0) return record;
  isFull = true;
  wire.isBroken = true;
  memory.fill(SCRATCH, 0, SCRATCH_BYTES);
  return SCRATCH;
}

/** Lengthens the path by a field, with its index if that is not negative; the answer goes to `cutText`. */
export function into(field: string, index: i32): u32 {
  const mark = textSize();
  if (field.length === 0) return mark;
  if (mark > 0) putText(".");
  putText(field);
  if (index >= 0) {
    putText("[");
    putNumber(index);
    putText("]");
  }
  return mark;
}

export function refuse(field: string, reason: string): bool {
  into(field, -1);
  putText(reason);
  return false;
}

export function refuseNumber(field: string, value: u64, reason: string, bound: u64): bool {
  into(field, -1);
  putText(" ");
  putNumber(value);
  putText(reason);
  putNumber(bound);
  return false;
}

export function broken(): bool {
  return refuse("", isFull ? " needs too much memory" : " is malformed");
}

export function readBytes(field: string): bool {
  if (wire.wireType === WireType.Bytes) return true;
  return refuseNumber(field, wire.wireType, " is the wire type, not ", WireType.Bytes);
}

export function readU32(field: string): bool {
  if (wire.wireType !== WireType.Varint) {
    return refuseNumber(field, wire.wireType, " is the wire type, not ", WireType.Varint);
  }
  if (wire.value > u32.MAX_VALUE) {
    return refuseNumber(field, wire.value, " is above ", u32.MAX_VALUE);
  }
  return true;
}

export function readF64(field: string): bool {
  if (wire.wireType === WireType.Fixed64) return true;
  return refuseNumber(field, wire.wireType, " is the wire type, not ", WireType.Fixed64);
}

/** The payload of a 64-bit field. */
export function f64Value(): f64 {
  return load<f64>(wire.ptr);
}
