import { Span } from "./memory.ts";

/**
 * One line of text under construction, for metric names and log lines: bytes in a fixed buffer, no strings built. Used at
 * configuration and tick only. A literal is the address of its bytes, ended by a zero (`../texts.mjs`). What does not fit is cut off; bytes outside printable ASCII become `?`.
 */
const TEXT_BYTES: u32 = 512;
const POINT: u32 = 0x2e;
const TEXT: usize = heap.alloc(TEXT_BYTES);
let size: u32 = 0;

export function textPtr(): usize {
  return TEXT;
}

export function textSize(): u32 {
  return size;
}

/** Cuts the text back to `length` bytes: `cutText(0)` starts anew. */
export function cutText(length: u32): void {
  size = min<u32>(length, size);
}

function putByte(byte: u32): void {
  if (size >= TEXT_BYTES) return;
  store<u8>(TEXT + size, byte >= 0x20 && byte < 0x7f ? byte : 0x3f);
  size++;
}

export function putText(text: usize): void {
  putBytes(text, lengthOf(text));
}

export function putBytes(ptr: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) putByte(load<u8>(ptr + i));
}

export function putNumber(value: u64): void {
  let unit: u64 = 1;
  while (value / unit >= 10) unit *= 10;
  putDigits(value, unit);
}

/** From the digit of `unit`, a power of 10, on. */
function putDigits(value: u64, unit: u64): void {
  for (let left = unit; left > 0; left /= 10) putByte(0x30 + <u32>((value / left) % 10));
}

/** With three digits after the point; `value` in [0, 2^50). */
export function putThousandths(value: f64): void {
  const thousandths = <u64>(value * 1000 + 0.5);
  putNumber(thousandths / 1000);
  putByte(POINT);
  putDigits(thousandths % 1000, 100);
}

/** The bytes of a literal, which lie in the module. */
export function constant(text: usize): Span {
  const span = changetype<Span>(heap.alloc(offsetof<Span>()));
  span.ptr = text;
  span.size = lengthOf(text);
  return span;
}

function lengthOf(text: usize): u32 {
  let length: u32 = 0;
  while (load<u8>(text + length) !== 0) length++;
  return length;
}
