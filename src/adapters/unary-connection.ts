import { status } from "@grpc/grpc-js";
import {
  bodyLength,
  FLAG,
  FRAME,
  type Frame,
  HEAD_BYTES,
  headerBlock,
  numbers,
  readFrame,
  STREAM_AT,
  writeFrame,
  writeHead,
} from "./http2-frame.ts";

/**
 * One client of a unary gRPC method, as a machine over bytes: requests in, answers out. There is one method, so request
 * headers are stepped over and never decoded. Answers of one chunk go out in one write. What breaks the protocol ends the
 * connection with a reason; a call that is not one small message ends with a gRPC status, and the others go on.
 * https://www.rfc-editor.org/rfc/rfc9113
 */
export interface CallFault {
  readonly code: status;
  readonly details: string;
}

/** Total: never throws. */
export type Answer = (request: Buffer) => Buffer | CallFault;

/** For a peer that may ask nothing; it is told why. */
export function refuseAll(details: string): Answer {
  return () => ({ code: status.PERMISSION_DENIED, details });
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** Flag of compression and length. */
const PREFIX_BYTES = 5;
/** Of a frame, and of a window: what both sides start with. An answer is far smaller than either. */
const MAX_FRAME_BYTES = 16_384;
const WINDOW = 65_535;
/** What fits the window of a stream, so that none is ever widened; Envoy takes 60 KB of headers. */
const MAX_BODY_BYTES = WINDOW - PREFIX_BYTES;
const MAX_STREAMS = 1000;

/** MAX_CONCURRENT_STREAMS: its id in 16 bits, its value in 32. */
const SETTINGS = Buffer.from([0, 3, 0, 0, MAX_STREAMS >> 8, MAX_STREAMS & 255]);
const NO_ERROR = 0;
const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const FRAME_SIZE_ERROR = 6;
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;

const RESPONSE: [string, string][] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];
const RESPONSE_BLOCK = headerBlock(RESPONSE);
const TRAILER_BLOCK = headerBlock([["grpc-status", String(status.OK)]]);
const NONE = Buffer.alloc(0);
/** Of stream 0: each answer writes its own number. */
const HEADERS_FRAME = frameOf(FRAME.headers, FLAG.endHeaders, 0, RESPONSE_BLOCK);
const TRAILERS_FRAME = frameOf(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 0, TRAILER_BLOCK);
const REPLY_BYTES = HEADERS_FRAME.length + HEAD_BYTES + PREFIX_BYTES + TRAILERS_FRAME.length;

interface Call {
  chunks: Buffer[];
  bytes: number;
}

class ConnectionFault extends Error {
  constructor(readonly code: number) {
    super(`HTTP/2 error ${code}`);
  }
}

export class UnaryConnection {
  readonly #calls = new Map<number, Call>();
  #rest: Buffer = NONE;
  #isGreeted = false;
  /** Stream whose headers go on in the next frame; 0: none. */
  #continued = 0;
  #lastStream = 0;
  /** Of bodies the peer takes before it widens its window again. */
  #sendWindow = WINDOW;
  #received = 0;
  readonly #waiting: { stream: number; message: Buffer }[] = [];
  #out: Buffer[] = [frameOf(FRAME.settings, 0, 0, SETTINGS)];

  constructor(private readonly answer: Answer) {}

  /** What to write, and whether to end the connection behind it. */
  take(chunk: Buffer): { readonly out: Buffer; readonly isOver: boolean } {
    let isOver = false;
    try {
      this.#read(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]));
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      this.#send(FRAME.goAway, 0, 0, numbers(this.#lastStream, error.code));
      isOver = true;
    }
    this.#widen();
    const [only = NONE] = this.#out;
    const out = this.#out.length > 1 ? Buffer.concat(this.#out) : only;
    if (this.#out.length > 0) this.#out = [];
    return { out, isOver };
  }

  #read(bytes: Buffer): void {
    let at = 0;
    if (!this.#isGreeted) {
      const seen = bytes.subarray(0, PREFACE.length);
      if (!PREFACE.subarray(0, seen.length).equals(seen)) throw new ConnectionFault(PROTOCOL_ERROR);
      if (seen.length === PREFACE.length) {
        this.#isGreeted = true;
        at = PREFACE.length;
      }
    }
    for (let length = bodyLength(bytes, at); this.#isGreeted && length !== undefined; ) {
      if (length > MAX_FRAME_BYTES) throw new ConnectionFault(FRAME_SIZE_ERROR);
      if (bytes.length - at < HEAD_BYTES + length) break;
      this.#frame(readFrame(bytes, at));
      at += HEAD_BYTES + length;
      length = bodyLength(bytes, at);
    }
    this.#rest = bytes.subarray(at);
  }

  #frame(frame: Frame): void {
    const { type, flags, stream, body } = frame;
    const goesOn = this.#continued !== 0;
    if (goesOn !== (type === FRAME.continuation) || (goesOn && stream !== this.#continued))
      throw new ConnectionFault(PROTOCOL_ERROR);
    if (type === FRAME.headers) this.#open(frame);
    else if (type === FRAME.continuation) this.#endHeaders(frame);
    else if (type === FRAME.data) this.#data(frame);
    else if (type === FRAME.resetStream) this.#calls.delete(stream);
    else if (type === FRAME.settings && (flags & FLAG.ack) === 0)
      this.#send(FRAME.settings, FLAG.ack, 0, NONE);
    else if (type === FRAME.ping && (flags & FLAG.ack) === 0)
      this.#send(FRAME.ping, FLAG.ack, 0, body);
    else if (type === FRAME.windowUpdate && stream === 0) this.#wider(body);
  }

  #open(frame: Frame): void {
    const { flags, stream } = frame;
    if (stream % 2 === 0 || stream <= this.#lastStream) throw new ConnectionFault(PROTOCOL_ERROR);
    this.#lastStream = stream;
    this.#endHeaders(frame);
    if (this.#calls.size >= MAX_STREAMS) {
      this.#send(FRAME.resetStream, 0, stream, numbers(REFUSED_STREAM));
      return;
    }
    this.#calls.set(stream, { chunks: [], bytes: 0 });
    if ((flags & FLAG.endStream) !== 0) this.#end(stream);
  }

  #endHeaders({ flags, stream }: Frame): void {
    this.#continued = (flags & FLAG.endHeaders) === 0 ? stream : 0;
  }

  #data({ flags, stream, body }: Frame): void {
    this.#received += body.length;
    if (this.#received > WINDOW) throw new ConnectionFault(FLOW_CONTROL_ERROR);
    const call = this.#calls.get(stream);
    // Of a call that was answered or reset already.
    if (call === undefined) return;
    const padding = (flags & FLAG.padded) === 0 ? 0 : 1 + (body[0] ?? 0);
    if (padding > body.length) throw new ConnectionFault(PROTOCOL_ERROR);
    const content = padding === 0 ? body : body.subarray(1, body.length - padding + 1);
    call.bytes += content.length;
    call.chunks.push(content);
    if (call.bytes > MAX_BODY_BYTES) {
      const details = `a call is above ${MAX_BODY_BYTES} bytes`;
      this.#refuse(stream, { code: status.RESOURCE_EXHAUSTED, details });
      // The answer is whole; the rest of the question need not be sent.
      this.#send(FRAME.resetStream, 0, stream, numbers(NO_ERROR));
    } else if ((flags & FLAG.endStream) !== 0) this.#end(stream);
  }

  #end(stream: number): void {
    const { chunks = [] } = this.#calls.get(stream) ?? {};
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    const request = messageIn(body);
    const given = request === undefined ? NO_MESSAGE : this.answer(request);
    this.#calls.delete(stream);
    if (!Buffer.isBuffer(given)) this.#refuse(stream, given);
    else if (this.#waiting.length > 0 || !this.#fits(given)) this.#wait(stream, given);
    else this.#reply(stream, given);
  }

  #fits(message: Buffer): boolean {
    return this.#sendWindow >= PREFIX_BYTES + message.length;
  }

  /** A peer that asks and never widens its window is not kept answers for without end. */
  #wait(stream: number, message: Buffer): void {
    if (this.#waiting.length >= MAX_STREAMS) throw new ConnectionFault(ENHANCE_YOUR_CALM);
    this.#waiting.push({ stream, message });
  }

  #wider(body: Buffer): void {
    if (body.length !== 4) throw new ConnectionFault(FRAME_SIZE_ERROR);
    this.#sendWindow += body.readUInt32BE(0) & 0x7fffffff;
    for (let [next] = this.#waiting; next && this.#fits(next.message); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#reply(next.stream, next.message);
    }
  }

  #reply(stream: number, message: Buffer): void {
    const length = PREFIX_BYTES + message.length;
    this.#sendWindow -= length;
    // Headers, data and trailers, as one buffer: there is an answer for every request of the mesh.
    const bytes = Buffer.allocUnsafe(REPLY_BYTES + message.length);
    HEADERS_FRAME.copy(bytes);
    let at = HEADERS_FRAME.length;
    writeHead(bytes, at, { type: FRAME.data, flags: 0, stream, length });
    bytes[at + HEAD_BYTES] = 0;
    bytes.writeUInt32BE(message.length, at + HEAD_BYTES + 1);
    message.copy(bytes, at + HEAD_BYTES + PREFIX_BYTES);
    at += HEAD_BYTES + length;
    TRAILERS_FRAME.copy(bytes, at);
    for (const start of [0, at]) bytes.writeUInt32BE(stream, start + STREAM_AT);
    this.#out.push(bytes);
  }

  #refuse(stream: number, { code, details }: CallFault): void {
    this.#calls.delete(stream);
    const trailers: [string, string][] = [
      ["grpc-status", String(code)],
      ["grpc-message", printable(details)],
    ];
    const block = headerBlock([...RESPONSE, ...trailers]);
    this.#send(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, block);
  }

  /** Lets the peer send as much again as it has sent. */
  #widen(): void {
    if (this.#received < WINDOW / 2) return;
    this.#send(FRAME.windowUpdate, 0, 0, numbers(this.#received));
    this.#received = 0;
  }

  #send(type: number, flags: number, stream: number, body: Buffer): void {
    this.#out.push(frameOf(type, flags, stream, body));
  }
}

/** gRPC: all but printable ASCII in percent form. Cut: what a caller sent may be quoted in it. */
function printable(details: string): string {
  // By way of bytes, since half a character has no percent form.
  const text = Buffer.from(details.slice(0, 500)).toString();
  return text.replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);
}

function frameOf(type: number, flags: number, stream: number, body: Buffer): Buffer {
  return writeFrame({ type, flags, stream, body });
}

const NO_MESSAGE: CallFault = {
  code: status.INVALID_ARGUMENT,
  details: "the call does not hold one uncompressed message",
};

function messageIn(body: Buffer): Buffer | undefined {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return undefined;
  return body.readUInt32BE(1) === body.length - PREFIX_BYTES
    ? body.subarray(PREFIX_BYTES)
    : undefined;
}
