/**
 * Walks the fields of one encoded protobuf message without decoding what they hold and without allocating: a report of
 * 1000 clusters has 7000 families every second. Groups, which no proto3 message has, and lengths that run past the
 * message are errors. Integers are stepped over until they are asked for.
 * https://protobuf.dev/programming-guides/encoding/
 */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const MAX_VARINT_BYTES = 10;

export class WireFields {
  /** Number of the field `next` stands at. */
  number = 0;
  /** Its content: `bytes[start, end)`. */
  start = 0;
  end = 0;
  #at: number;

  /** The message is `bytes[from, to)`. */
  constructor(
    private readonly bytes: Buffer,
    from = 0,
    private readonly to = bytes.length,
  ) {
    this.#at = from;
  }

  /** Goes to the next field; false at the end of the message. Throws a RangeError at a malformed one. */
  next(): boolean {
    if (this.#at >= this.to) return false;
    const tag = this.#readVarint();
    const size = this.#readSize(tag & 7);
    this.number = tag >>> 3;
    this.start = this.#at;
    this.end = this.start + size;
    if (this.end > this.to)
      throw new RangeError(`the field at byte ${this.start} runs past its message`);
    this.#at = this.end;
    return true;
  }

  /** Goes to the next field of that number. */
  find(number: number): boolean {
    while (this.next()) if (this.number === number) return true;
    return false;
  }

  /** The message the present field holds. */
  inside(): WireFields {
    return new WireFields(this.bytes, this.start, this.end);
  }

  /** The present field as an integer, exact up to 2^53. */
  varint(): number {
    const after = this.#at;
    this.#at = this.start;
    const value = this.#readVarint();
    this.#at = after;
    return value;
  }

  #readSize(wireType: number): number {
    if (wireType === BYTES) return this.#readVarint();
    if (wireType === FIXED64) return 8;
    if (wireType === FIXED32) return 4;
    if (wireType !== VARINT) throw new RangeError(`wire type ${wireType} at byte ${this.#at}`);
    const start = this.#at;
    this.#readVarint();
    const size = this.#at - start;
    this.#at = start;
    return size;
  }

  /** Exact up to 2^53; a length beyond that runs past any message. */
  #readVarint(): number {
    const first = this.#at;
    let value = 0;
    let scale = 1;
    while (this.#at < this.to && this.#at - first < MAX_VARINT_BYTES) {
      const byte = this.bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError(`the integer at byte ${first} does not end`);
  }
}
