/**
 * The fields of one encoded protobuf message, in order, without decoding what they hold. Groups, which no proto3
 * message has, and lengths that run past the message are errors. Integers are stepped over: nothing here needs them.
 * https://protobuf.dev/programming-guides/encoding/
 */
export interface WireField {
  readonly number: number;
  /** Content: `bytes[start, end)`. */
  readonly start: number;
  readonly end: number;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Throws a RangeError at the first malformed byte, after the fields before it. */
export function* wireFields(
  bytes: Buffer,
  { start, end }: Omit<WireField, "number">,
): Generator<WireField> {
  let at = start;
  while (at < end) {
    const tag = readVarint(bytes, at, end);
    const size = contentSize(bytes, tag.value & 7, tag.end, end);
    at = size.end + size.value;
    if (at > end) throw new RangeError(`the field at byte ${tag.end} runs past its message`);
    yield { number: tag.value >>> 3, start: size.end, end: at };
  }
}

/** The last field of that number, as proto3 has it for a field that is not repeated. */
export function lastField(
  bytes: Buffer,
  message: Omit<WireField, "number">,
  number: number,
): WireField | undefined {
  let last: WireField | undefined;
  for (const field of wireFields(bytes, message)) if (field.number === number) last = field;
  return last;
}

interface Varint {
  readonly value: number;
  /** Where what follows it starts. */
  readonly end: number;
}

/** Size of the content, and where it starts. */
function contentSize(bytes: Buffer, wireType: number, at: number, end: number): Varint {
  if (wireType === BYTES) return readVarint(bytes, at, end);
  if (wireType === FIXED64) return { value: 8, end: at };
  if (wireType === FIXED32) return { value: 4, end: at };
  if (wireType === VARINT) return { value: readVarint(bytes, at, end).end - at, end: at };
  throw new RangeError(`wire type ${wireType} at byte ${at}`);
}

const MAX_VARINT_BYTES = 10;

/** Exact up to 2^53; a length beyond that runs past any message. */
function readVarint(bytes: Buffer, start: number, end: number): Varint {
  let value = 0;
  let scale = 1;
  for (let at = start; at < Math.min(end, start + MAX_VARINT_BYTES); at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at + 1 };
    scale *= 128;
  }
  throw new RangeError(`the integer at byte ${start} does not end`);
}
