import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bodyLength,
  FLAG,
  FRAME,
  type Frame,
  HEAD_BYTES,
  numbers,
  readFrame,
  writeFrame,
} from "../../src/adapters/http2-frame.ts";
import { UnaryConnection } from "../../src/adapters/unary-connection.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const NONE: Buffer = Buffer.alloc(0);

const frame = (type: number, flags: number, stream: number, body = NONE) =>
  writeFrame({ type, flags, stream, body });

function question(text: string): Buffer {
  const head = Buffer.from([0, 0, 0, 0, text.length]);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Headers and one message on a stream, the end of the stream with it. */
const call = (stream: number, text: string) =>
  Buffer.concat([
    frame(FRAME.headers, FLAG.endHeaders, stream, Buffer.from([0x82])),
    frame(FRAME.data, FLAG.endStream, stream, question(text)),
  ]);

const echo = () => new UnaryConnection((request) => Buffer.from(`<${request}>`));

function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  for (let length = bodyLength(bytes, at); length !== undefined; length = bodyLength(bytes, at)) {
    frames.push(readFrame(bytes, at));
    at += HEAD_BYTES + length;
  }
  assert.equal(at, bytes.length, "whole frames only");
  return frames;
}

/** `stream:text` of every message in what came out. */
function answers(bytes: Buffer): string[] {
  return framesIn(bytes)
    .filter(({ type }) => type === FRAME.data)
    .map(({ stream, body }) => `${stream}:${body.subarray(5)}`);
}

function feed(connection: UnaryConnection, ...chunks: readonly Buffer[]) {
  const outs = chunks.map((chunk) => connection.take(chunk));
  return {
    out: Buffer.concat(outs.map(({ out }) => out)),
    isOver: outs.some(({ isOver }) => isOver),
  };
}

/** Code of the GOAWAY that ends a connection. */
function endOf({ out, isOver }: { out: Buffer; isOver: boolean }): number | undefined {
  assert.equal(isOver, true);
  const goAway = framesIn(out).find(({ type }) => type === FRAME.goAway);
  return goAway?.body.readUInt32BE(4);
}

describe("unary connection", () => {
  it("answers 3 calls of one chunk, in order, each with headers, message and trailers", () => {
    const { out } = feed(
      echo(),
      Buffer.concat([PREFACE, call(1, "a"), call(3, "b"), call(5, "c")]),
    );

    assert.deepEqual(answers(out), ["1:<a>", "3:<b>", "5:<c>"]);
    const first = framesIn(out).filter(({ stream }) => stream === 1);
    assert.deepEqual(
      first.map(({ type, flags }) => [type, flags]),
      [
        [FRAME.headers, FLAG.endHeaders],
        [FRAME.data, 0],
        [FRAME.headers, FLAG.endHeaders | FLAG.endStream],
      ],
    );
  });

  it("says the same however the bytes are cut, for 300 cuts", () => {
    const bytes = Buffer.concat([
      PREFACE,
      frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0])),
      call(1, "first"),
      frame(FRAME.ping, 0, 0, Buffer.from("12345678")),
      frame(FRAME.headers, 0, 3, Buffer.from([0x82])),
      frame(FRAME.continuation, FLAG.endHeaders, 3, Buffer.from([0x84])),
      frame(FRAME.data, FLAG.padded, 3, Buffer.from([2, 0, 0, 0, 0, 9, 9])),
      frame(FRAME.data, FLAG.endStream, 3, Buffer.from([1, 0x78])),
      call(5, "last"),
    ]);
    const whole = feed(echo(), bytes);
    assert.deepEqual(answers(whole.out), ["1:<first>", "3:<x>", "5:<last>"]);

    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));

        assert.deepEqual(feed(echo(), ...chunks), whole);
      }),
      { numRuns: 300 },
    );
  });

  it("holds answers back where the peer's window of 65,535 bytes is full, until it is widened", () => {
    const big = new UnaryConnection(() => Buffer.alloc(16_000));
    const { out } = feed(big, PREFACE, ...[1, 3, 5, 7, 9].map((stream) => call(stream, "a")));
    assert.equal(answers(out).length, 4);

    const wider = feed(big, frame(FRAME.windowUpdate, 0, 0, numbers(16_005)));
    assert.equal(answers(wider.out).length, 1);
    assert.deepEqual(
      framesIn(wider.out).map(({ stream }) => stream),
      [9, 9, 9],
    );
  });

  it("lets the peer send on: 200 calls of 1,000 bytes, three times a window", () => {
    const connection = echo();
    feed(connection, PREFACE);
    let window = 65_535;
    for (let index = 0; index < 200; index++) {
      const body = Buffer.concat([Buffer.from([0, 0, 0, 3, 232]), Buffer.alloc(1000)]);
      window -= body.length;
      assert.ok(window >= 0, `stalled at call ${index}`);
      const stream = 2 * index + 1;
      const { out } = feed(
        connection,
        frame(FRAME.headers, FLAG.endHeaders, stream),
        frame(FRAME.data, FLAG.endStream, stream, body),
        frame(FRAME.windowUpdate, 0, 0, numbers(2000)),
      );
      for (const { type, body: wider } of framesIn(out))
        if (type === FRAME.windowUpdate) window += wider.readUInt32BE(0);
    }
  });

  it("answers nothing on a call that was reset, and takes what still comes for it", () => {
    const { out, isOver } = feed(
      echo(),
      PREFACE,
      frame(FRAME.headers, FLAG.endHeaders, 1),
      frame(FRAME.resetStream, 0, 1, numbers(8)),
      frame(FRAME.data, FLAG.endStream, 1, question("late")),
      call(3, "b"),
    );

    assert.equal(isOver, false);
    assert.deepEqual(answers(out), ["3:<b>"]);
  });

  it("refuses the 1001st call that is open, and no other", () => {
    const opened = Array.from({ length: 1001 }, (_, index) =>
      frame(FRAME.headers, FLAG.endHeaders, 2 * index + 1),
    );
    const { out } = feed(echo(), PREFACE, ...opened);
    const resets = framesIn(out).filter(({ type }) => type === FRAME.resetStream);

    assert.deepEqual(
      resets.map(({ stream, body }) => [stream, body.readUInt32BE(0)]),
      [[2001, 7]],
    );
  });

  const open = frame(FRAME.headers, FLAG.endHeaders, 1);
  for (const [what, bytes, code] of [
    ["another preface", Buffer.from("GET / HTTP/1.1\r\n"), 1],
    ["an even stream", Buffer.concat([PREFACE, frame(FRAME.headers, 4, 2)]), 1],
    ["a stream that runs back", Buffer.concat([PREFACE, call(3, "a"), open]), 1],
    ["a frame above 16,384 bytes", Buffer.concat([PREFACE, Buffer.from([0, 0x40, 1, 0, 0])]), 6],
    [
      "a frame between headers and their end",
      Buffer.concat([PREFACE, frame(FRAME.headers, 0, 1), frame(FRAME.ping, 0, 0)]),
      1,
    ],
    [
      "padding longer than its frame",
      Buffer.concat([PREFACE, open, frame(FRAME.data, FLAG.padded, 1, Buffer.from([9, 1]))]),
      1,
    ],
    [
      "more than its window in one go",
      Buffer.concat([
        PREFACE,
        ...Array.from({ length: 5 }, () => frame(FRAME.data, 0, 1, Buffer.alloc(16_000))),
      ]),
      3,
    ],
  ] as const) {
    it(`ends a connection that sends ${what}, with code ${code}`, () => {
      const padded = bytes.length < 9 ? bytes : Buffer.concat([bytes, Buffer.alloc(9)]);

      assert.equal(endOf(feed(echo(), padded)), code);
    });
  }

  it("takes 20,000 runs of random frames without an error of its own", () => {
    const body = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const any = fc.record({ type: fc.nat(10), flags: fc.nat(255), stream: fc.nat(9), body });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (frames) => {
        const connection = echo();
        feed(connection, PREFACE);
        for (const each of frames) if (connection.take(writeFrame(each)).isOver) return;
      }),
      { numRuns: 20_000 },
    );
  });
});
