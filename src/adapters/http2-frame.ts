/**
 * HTTP/2 frames as bytes: a head of 9 bytes (length, type, flags, stream) and a body. Heads are checked by their reader;
 * here nothing is kept.
 * https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;

export const HEAD_BYTES = 9;
/** Where a head says its stream. */
export const STREAM_AT = 5;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly body: Buffer;
}

export function writeFrame({ type, flags, stream, body }: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  writeHead(bytes, 0, { type, flags, stream, length: body.length });
  body.copy(bytes, HEAD_BYTES);
  return bytes;
}

/** Of a frame that begins at `at` and whose body has this length. */
export function writeHead(
  bytes: Buffer,
  at: number,
  { type, flags, stream, length }: Omit<Frame, "body"> & { readonly length: number },
): void {
  bytes.writeUIntBE(length, at, 3);
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes.writeUInt32BE(stream, at + STREAM_AT);
}

/** Length of the body of the frame that begins at `at`; undefined before its head is there. */
export function bodyLength(bytes: Buffer, at: number): number | undefined {
  return bytes.length - at < HEAD_BYTES ? undefined : bytes.readUIntBE(at, 3);
}

/** The frame that begins at `at`; its body is a view of `bytes`. */
export function readFrame(bytes: Buffer, at: number): Frame {
  const start = at + HEAD_BYTES;
  return {
    type: bytes[at + 3] ?? 0,
    flags: bytes[at + 4] ?? 0,
    stream: bytes.readUInt32BE(at + STREAM_AT) & 0x7fffffff,
    body: bytes.subarray(start, start + bytes.readUIntBE(at, 3)),
  };
}

/** HPACK without its tables: each header in full, as ASCII. */
export function headerBlock(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  );
}

/** A length in 7 bits, and what does not fit them in bytes of 7 bits behind, the lowest first. */
function text(value: string): Buffer {
  const length = [Math.min(value.length, 127)];
  if (value.length >= 127) {
    let rest = value.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push(128 + (rest % 128));
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(value, "latin1")]);
}

/** A body of 32-bit numbers. */
export function numbers(...values: readonly number[]): Buffer {
  const body = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) body.writeUInt32BE(value, 4 * index);
  return body;
}
