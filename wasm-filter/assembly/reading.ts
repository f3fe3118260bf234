import { Region } from "./records.ts";
import { cutText, putNumber, putText, textSize } from "./text.ts";
import { Wire, WireType } from "./wire.ts";

/**
 * What every decoder of a configuration shares: the cursor over the bytes, the region records are made in, and the words for
 * what is wrong. A refusal appends field and reason to the path built so far, ends every loop and makes `end` answer false,
 * which every caller hands up.
 */
export const wire: Wire = new Wire();
const SCRATCH_BYTES: u32 = 256;
const SCRATCH: usize = heap.alloc(SCRATCH_BYTES);
const NO_REGION: Region = new Region();
let region: Region = NO_REGION;
let isFull: bool = false;
let isSaid: bool = false;

export function open(ptr: usize, size: u32, into: Region): void {
  wire.open(ptr, size);
  region = into;
  isFull = false;
  isSaid = false;
  depth = 0;
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

/** Messages stand inside each other at most this deep: scope, tier, match, header. */
const MAX_DEPTH: u32 = 5;
/** Of each message begun: where the path was before it, where the message around it ends. */
const MARKS: usize = heap.alloc(MAX_DEPTH * 8);
let depth: u32 = 0;
/** The index of a field that is not repeated. */
const SINGLE: u32 = u32.MAX_VALUE;

/**
 * Enters the nested message just read, and the path with it; false if it cannot. `index`: of a repeated field, of which there
 * may be `most`.
 */
export function begin(field: usize, index: u32 = SINGLE, most: u32 = SINGLE): bool {
  if (index !== SINGLE && index === most) return refuseNumber(field, " are more than ", most);
  const mark = into(field, index);
  if (!readBytes("")) return false;
  store<u32>(MARKS + depth * 8, mark);
  store<u32>(MARKS + depth * 8, <u32>wire.enter(), 4);
  depth++;
  return true;
}

/** The message has been read and checked: leaves it, if all of it is sound. */
export function end(): bool {
  if (!isSound()) return false;
  depth--;
  wire.leave(load<u32>(MARKS + depth * 8, 4));
  cutText(load<u32>(MARKS + depth * 8));
  return true;
}

/** Lengthens the path by a field, with its index if it has one; the answer goes to `cutText`. */
function into(field: usize, index: u32): u32 {
  const mark = textSize();
  if (load<u8>(field) === 0) return mark;
  if (mark > 0) putText(".");
  putText(field);
  if (index !== SINGLE) {
    putText("[");
    putNumber(index);
    putText("]");
  }
  return mark;
}

/** Only the first thing wrong is said, and what looks wrong in a malformed message only looks so. */
export function refuse(field: usize, reason: usize): bool {
  if (!isSound()) return false;
  into(field, SINGLE);
  putText(reason);
  wire.isBroken = true;
  isSaid = true;
  return false;
}

/** With a number at the end. */
function refuseNumber(field: usize, reason: usize, bound: u64): bool {
  if (!isSound()) return false;
  refuse(field, reason);
  putNumber(bound);
  return false;
}

/** With the value before the reason and a bound after it. */
export function refuseValue(field: usize, value: u64, reason: usize, bound: u64): bool {
  if (!isSound()) return false;
  into(field, SINGLE);
  putText(" ");
  putNumber(value);
  return refuseNumber("", reason, bound);
}

/** Whether all read so far is in order; if it is not, that has been said. */
export function isSound(): bool {
  if (wire.isBroken && !isSaid) {
    isSaid = true;
    putText(isFull ? " needs too much memory" : " is malformed");
  }
  return !wire.isBroken;
}

function expect(field: usize, wireType: WireType): bool {
  if (wire.wireType === wireType) return true;
  return refuseValue(field, wire.wireType, " is the wire type, not ", wireType);
}

/** The payload is in `wire.ptr` and `wire.size` then. */
export function readBytes(field: usize): bool {
  return expect(field, WireType.Bytes);
}

/** 0 if it is refused, as the others. */
export function readU32(field: usize): u32 {
  if (!expect(field, WireType.Varint)) return 0;
  if (wire.value > u32.MAX_VALUE) refuseValue(field, wire.value, " is above ", u32.MAX_VALUE);
  return <u32>wire.value;
}

export function readF64(field: usize): f64 {
  return expect(field, WireType.Fixed64) ? load<f64>(wire.ptr) : 0;
}
