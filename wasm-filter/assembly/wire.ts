/**
 * Reads protobuf wire format from bytes nobody vouches for. A cursor goes over one message; `enter` narrows it to a nested
 * one and `leave` widens it again. Every length is checked before a byte is read; the first malformed byte sets `isBroken`
 * and ends every loop. Groups and field number 0 are malformed; unknown fields are skipped by the caller's default case.
 * Source: protobuf.dev/programming-guides/encoding.
 */
export enum WireType {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  Fixed32 = 5,
}

export class Wire {
  field: u32 = 0;
  wireType: u32 = 0;
  /** The payload of a length-delimited field. */
  ptr: usize = 0;
  size: u32 = 0;
  /** The payload of a varint field. */
  value: u64 = 0;
  isBroken: bool = false;
  private at: usize = 0;
  private end: usize = 0;

  open(ptr: usize, size: u32): void {
    this.at = ptr;
    this.end = ptr + size;
    this.isBroken = false;
  }

  /** Narrows to the nested message just read; the answer goes to `leave`. */
  enter(): usize {
    const outerEnd = this.end;
    this.at = this.ptr;
    this.end = this.ptr + this.size;
    return outerEnd;
  }

  leave(outerEnd: usize): void {
    this.at = this.end;
    this.end = outerEnd;
  }

  /** Reads the next field with its payload; false at the end of the message or at a malformed byte. */
  next(): bool {
    if (this.isBroken || this.at >= this.end) return false;
    const tag = this.varint();
    this.field = <u32>(tag >> 3);
    this.wireType = <u32>(tag & 7);
    if (this.field === 0 || tag > u32.MAX_VALUE) this.isBroken = true;
    if (!this.isBroken) this.readPayload();
    return !this.isBroken;
  }

  private readPayload(): void {
    if (this.wireType === WireType.Varint) this.value = this.varint();
    else if (this.wireType === WireType.Bytes) this.take(this.varint());
    else if (this.wireType === WireType.Fixed64) this.take(8);
    else if (this.wireType === WireType.Fixed32) this.take(4);
    else this.isBroken = true;
  }

  private take(size: u64): void {
    if (this.isBroken || size > <u64>(this.end - this.at)) {
      this.isBroken = true;
      return;
    }
    this.ptr = this.at;
    this.size = <u32>size;
    this.at += <usize>size;
  }

  private varint(): u64 {
    let value: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 7) {
      if (this.at >= this.end) break;
      const byte = load<u8>(this.at++);
      value |= (<u64>(byte & 0x7f)) << shift;
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }
}
