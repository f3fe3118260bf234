import { connect, type Socket } from "node:net";

/**
 * One HTTP/2 connection with one gRPC stream on it, written by hand: ten thousand clients of a gRPC library would keep
 * the load generator busier than the server it measures. It does what RFC 9113 asks of a client that never resets: both
 * windows are kept, SETTINGS and PING are answered. Headers of responses are not read.
 */
export interface H2Listener {
  onMessage(message: Buffer): void;
  /** The stream or the connection is over, whatever the reason. */
  onClose(): void;
}

const FRAME_HEADER = 9;
const MAX_FRAME = 16_384;
const STREAM_ID = 1;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const INITIAL_WINDOW = 65_535;
const INITIAL_WINDOW_SETTING = 4;

/** What Envoy grants by default is far more than the server ever has in flight; a stalled reader grants nothing more. */
const RECEIVE_WINDOW = 16 * 1024 * 1024;

const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame(SETTINGS, 0, 0, settingOf(INITIAL_WINDOW_SETTING, RECEIVE_WINDOW)),
  frame(WINDOW_UPDATE, 0, 0, uint32(RECEIVE_WINDOW)),
  frame(HEADERS, END_HEADERS, STREAM_ID, requestHeaders()),
]);

/** Reads are handled before the next one begins, so all connections share one buffer. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

export class H2Connection {
  private readonly socket: Socket;
  private rest: Buffer | undefined;
  private message: Buffer | undefined;
  private outbox: Buffer | undefined;
  private streamWindow = INITIAL_WINDOW;
  private connectionWindow = INITIAL_WINDOW;
  private initialWindow = INITIAL_WINDOW;
  private unacknowledgedBytes = 0;
  private isClosed = false;
  bytesReceived = 0;

  constructor(
    port: number,
    private readonly listener: H2Listener,
  ) {
    const onread = {
      buffer: READ_BUFFER,
      callback: (size: number): boolean => {
        this.receive(READ_BUFFER.subarray(0, size));
        return true;
      },
    };
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => this.close());
    this.socket.write(PREFACE);
  }

  /** Sends one gRPC message, as far as the server's windows allow; the rest follows. */
  send(message: Buffer): void {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const framed = Buffer.concat([this.outbox ?? Buffer.alloc(0), head, message]);
    this.outbox = framed;
    this.flush();
  }

  /** Stops reading for good, as a process that hangs. */
  stall(): void {
    this.socket.pause();
  }

  /** Cuts the connection without a farewell, as a crash does. */
  reset(): void {
    this.isClosed = true;
    this.socket.resetAndDestroy();
  }

  private flush(): void {
    while (this.outbox !== undefined) {
      const allowed = Math.min(this.streamWindow, this.connectionWindow, MAX_FRAME);
      if (allowed <= 0) return;
      const chunk = this.outbox.subarray(0, allowed);
      this.outbox = chunk.length < this.outbox.length ? this.outbox.subarray(allowed) : undefined;
      this.streamWindow -= chunk.length;
      this.connectionWindow -= chunk.length;
      this.socket.write(frame(DATA, 0, STREAM_ID, chunk));
    }
  }

  private receive(bytes: Buffer): void {
    this.bytesReceived += bytes.length;
    let data = this.rest === undefined ? bytes : Buffer.concat([this.rest, bytes]);
    while (data.length >= FRAME_HEADER && !this.isClosed) {
      const end = FRAME_HEADER + data.readUIntBE(0, 3);
      if (data.length < end) break;
      this.take(data, data.subarray(FRAME_HEADER, end));
      data = data.subarray(end);
    }
    // The shared buffer is overwritten by the next read: what is kept is copied.
    this.rest = data.length === 0 ? undefined : Buffer.from(data);
  }

  private take(header: Buffer, payload: Buffer): void {
    const [type, flags] = [header.readUInt8(3), header.readUInt8(4)];
    if (type === DATA) this.takeData(payload);
    else if (type === WINDOW_UPDATE) this.widen(header.readUInt32BE(5), payload.readUInt32BE(0));
    else if (type === SETTINGS && (flags & ACK) === 0) this.takeSettings(payload);
    else if (type === PING && (flags & ACK) === 0) this.socket.write(frame(PING, ACK, 0, payload));
    else if (type === GOAWAY || type === RST_STREAM) this.close();
    if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) this.close();
  }

  private takeSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== INITIAL_WINDOW_SETTING) continue;
      const window = payload.readUInt32BE(at + 2);
      this.streamWindow += window - this.initialWindow;
      this.initialWindow = window;
    }
    this.socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    this.flush();
  }

  private widen(streamId: number, increment: number): void {
    if (streamId === 0) this.connectionWindow += increment;
    else this.streamWindow += increment;
    this.flush();
  }

  private takeData(payload: Buffer): void {
    this.grant(payload.length);
    let data = this.message === undefined ? payload : Buffer.concat([this.message, payload]);
    while (data.length >= 5) {
      const end = 5 + data.readUInt32BE(1);
      if (data.length < end) break;
      this.listener.onMessage(data.subarray(5, end));
      data = data.subarray(end);
    }
    this.message = data.length === 0 ? undefined : Buffer.from(data);
  }

  private grant(bytes: number): void {
    this.unacknowledgedBytes += bytes;
    if (this.unacknowledgedBytes < RECEIVE_WINDOW / 2) return;
    const increment = uint32(this.unacknowledgedBytes);
    this.unacknowledgedBytes = 0;
    this.socket.write(frame(WINDOW_UPDATE, 0, 0, increment));
    this.socket.write(frame(WINDOW_UPDATE, 0, STREAM_ID, increment));
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.socket.destroy();
    this.listener.onClose();
  }
}

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(streamId, 5);
  payload.copy(bytes, FRAME_HEADER);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function settingOf(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

/** HPACK without its table: the static entries for POST and http, the rest as literals. */
function requestHeaders(): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
  return Buffer.concat([
    Buffer.of(0x83, 0x86),
    Buffer.of(0x04),
    text(path),
    Buffer.of(0x01),
    text("control-plane"),
    Buffer.of(0x00),
    text("content-type"),
    text("application/grpc"),
    Buffer.of(0x00),
    text("te"),
    text("trailers"),
  ]);
}
