import { connect } from "node:net";
import { arrivals } from "../src/cli/demo/arrivals.ts";
import { Histogram } from "../src/cli/demo/histogram.ts";
import { protoRoot } from "../src/proto/bundle.ts";

/**
 * A child process that asks a rate-limit service, open loop: Poisson questions for many tenants over one HTTP/2
 * connection. Its frames are written and read by hand: an HTTP/2 client of Node's would spend as much as the service
 * that is measured, and its own pauses would be in every time.
 */
export interface UnaryLoadOrder {
  readonly port: number;
  readonly rps: number;
  readonly seconds: number;
  readonly seed: number;
  /** Name of the RateLimit that is asked for. */
  readonly limit: string;
  readonly tenants: number;
}

export interface UnaryLoadReport {
  readonly asked: number;
  /** Answers that were not OK. */
  readonly failed: number;
  /** From the question to the end of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of asking after the plan. */
  readonly latenessP99Ms: number;
}

/** Questions before these are not measured: code is compiled and the connection opens. */
const WARM_UP_SECONDS = 1;

const FRAME_HEAD = 9;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const INITIAL_WINDOW_SIZE = 4;
const WIDE = 2 ** 31 - 1 - 65_535;

function frame(type: number, flags: number, stream: number, body: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** HPACK without its table: each header in full, name and value shorter than 127 bytes. */
const HEADER_BLOCK = Buffer.concat(
  [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"],
    [":authority", "bench"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ].map(([name = "", value = ""]) =>
    Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  ),
);

function question(limit: string, tenant: number): Buffer {
  const type = protoRoot().lookupType("envoy.service.ratelimit.v3.RateLimitRequest");
  const entries = [
    { key: "qmesh_limit", value: limit },
    { key: "header_x-tenant", value: `tenant-${tenant}` },
  ];
  const message = type.encode({ domain: "qmesh", descriptors: [{ entries }] }).finish();
  const body = Buffer.alloc(5 + message.length);
  body.writeUInt32BE(message.length, 1);
  body.set(message, 5);
  return Buffer.concat([
    frame(HEADERS, END_HEADERS, 0, HEADER_BLOCK),
    frame(DATA, END_STREAM, 0, body),
  ]);
}

/** Both frames of a question, on this stream. */
function onStream(frames: Buffer, stream: number): Buffer {
  const copy = Buffer.from(frames);
  copy.writeUInt32BE(stream, 5);
  copy.writeUInt32BE(stream, FRAME_HEAD + HEADER_BLOCK.length + 5);
  return copy;
}

function preface(): Buffer {
  const window = Buffer.alloc(6);
  window.writeUInt16BE(INITIAL_WINDOW_SIZE);
  window.writeUInt32BE(WIDE, 2);
  const update = Buffer.alloc(4);
  update.writeUInt32BE(WIDE);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(SETTINGS, 0, 0, window),
    frame(WINDOW_UPDATE, 0, 0, update),
  ]);
}

function run({ port, rps, seconds, seed, limit, tenants }: UnaryLoadOrder): void {
  const questions = Array.from({ length: tenants }, (_, tenant) => question(limit, tenant));
  const phases = [
    { seconds: WARM_UP_SECONDS, rps },
    { seconds, rps },
  ];
  const plan = arrivals(phases, [{ name: "all", share: 1, headers: {} }], seed);
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const [times, lateness] = [new Histogram(), new Histogram()];
  const open = new Map<number, { sentMs: number; isMeasured: boolean; isOk: boolean }>();
  let [asked, failed] = [0, 0];
  let rest: Buffer = Buffer.alloc(0);

  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= FRAME_HEAD && rest.length >= FRAME_HEAD + rest.readUIntBE(0, 3)) {
      const end = FRAME_HEAD + rest.readUIntBE(0, 3);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });

  const take = (bytes: Buffer) => {
    const [type, flags = 0, stream, body] = [
      bytes[3],
      bytes[4],
      bytes.readUInt32BE(5),
      bytes.subarray(FRAME_HEAD),
    ];
    if (type === SETTINGS && (flags & ACK) === 0)
      socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    if (type === PING && (flags & ACK) === 0) socket.write(frame(PING, ACK, 0, body));
    const call = open.get(stream);
    if (call === undefined) return;
    // Behind the prefix of 5 bytes: field 1, overall_code, is 1: OK.
    if (type === DATA && body.length > 6) call.isOk = body[5] === 8 && body[6] === 1;
    if ((type !== DATA && type !== HEADERS) || (flags & END_STREAM) === 0) return;
    open.delete(stream);
    if (!call.isOk) failed += 1;
    if (call.isMeasured) times.add(performance.now() - call.sentMs);
  };

  const startMs = performance.now() + 50;
  let next = plan.next();
  const pump = () => {
    const nowMs = performance.now() - startMs;
    while (!next.done && next.value.atMs <= nowMs) {
      const isMeasured = next.value.phase === 1;
      if (isMeasured) lateness.add(nowMs - next.value.atMs);
      const stream = 2 * asked + 1;
      open.set(stream, { sentMs: performance.now(), isMeasured, isOk: false });
      socket.write(onStream(questions[asked % tenants] ?? Buffer.alloc(0), stream));
      asked += 1;
      next = plan.next();
    }
    if (!next.done || open.size > 0) setTimeout(pump, 1);
    else report();
  };
  const report = () => {
    const [p50Ms = Number.NaN, p99Ms = Number.NaN] = [0.5, 0.99].map((q) => times.quantile(q));
    const latenessP99Ms = lateness.quantile(0.99) ?? Number.NaN;
    socket.destroy();
    process.send?.({ asked, failed, p50Ms, p99Ms, latenessP99Ms } satisfies UnaryLoadReport, () =>
      process.disconnect?.(),
    );
  };
  socket.once("connect", () => {
    socket.write(preface());
    pump();
  });
}

process.once("message", (order: UnaryLoadOrder) => run(order));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
