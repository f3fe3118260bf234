import { Span } from "./memory.ts";

/**
 * One line of text under construction, for metric names and log lines: bytes in a fixed buffer, no strings built. Used at
 * configuration and tick only. What does not fit is cut off; bytes outside printable ASCII become `?`.
 */
const TEXT_BYTES: u32 = 512;
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

export function putText(text: string): void {
  for (let i = 0; i < text.length; i++) putByte(text.charCodeAt(i));
}

export function putBytes(ptr: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) putByte(load<u8>(ptr + i));
}

export function putNumber(value: u64): void {
  let unit: u64 = 1;
  while (value / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) putByte(0x30 + <u32>((value / unit) % 10));
}

/** A constant's bytes, kept for the life of the VM. Called while the module starts. */
export function constant(text: string): Span {
  const span = changetype<Span>(heap.alloc(offsetof<Span>()));
  span.ptr = heap.alloc(text.length);
  span.size = text.length;
  for (let i = 0; i < text.length; i++) store<u8>(span.ptr + i, text.charCodeAt(i));
  return span;
}
