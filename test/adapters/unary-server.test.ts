import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { status } from "@grpc/grpc-js";
import { startUnaryServer, type UnaryServer } from "../../src/adapters/unary-server.ts";

const PATH = "/a.B/Ask";

function frame(message: Buffer, flag = 0): Buffer {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

describe("unary server", () => {
  let server: UnaryServer;
  let session: ClientHttp2Session;

  before(async () => {
    const answer = (request: Buffer) =>
      request.toString() === "no"
        ? { code: status.ABORTED, details: `nö, never${"!".repeat(300)}` }
        : Buffer.from(`<${request.toString()}>`);
    server = await startUnaryServer(() => answer, { host: "127.0.0.1", port: 0 });
    session = connect(`http://127.0.0.1:${server.port}`);
  });
  after(() => {
    session.destroy();
    server.stop();
  });

  /** `grpc-status`, `grpc-message` and the body of the answer. */
  async function call(chunks: readonly Buffer[]) {
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let head: Record<string, unknown> = {};
    stream.on("response", (headers) => {
      head = { ...head, ...headers };
    });
    stream.on("trailers", (headers) => {
      head = { ...head, ...headers };
    });
    const body: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    stream.on("error", () => undefined);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await once(stream, "close");
    return {
      code: Number(head["grpc-status"]),
      message: decodeURIComponent(String(head["grpc-message"] ?? "")),
      body: Buffer.concat(body),
    };
  }

  it("answers a message, in one piece or in 9", async () => {
    const whole = frame(Buffer.from("ping"));
    const pieces = [...whole].map((byte) => Buffer.from([byte]));

    for (const chunks of [[whole], pieces]) {
      const { code, body } = await call(chunks);
      assert.equal(code, status.OK);
      assert.deepEqual(body, frame(Buffer.from("<ping>")));
    }
  });

  it("answers an empty message", async () => {
    assert.deepEqual((await call([frame(Buffer.alloc(0))])).body, frame(Buffer.from("<>")));
  });

  it("passes on a fault with its sentence", async () => {
    const { code, message } = await call([frame(Buffer.from("no"))]);

    assert.deepEqual([code, message], [status.ABORTED, `nö, never${"!".repeat(300)}`]);
  });

  for (const [what, chunks, code] of [
    ["no message", [], status.INVALID_ARGUMENT],
    ["half a prefix", [Buffer.from([0, 0])], status.INVALID_ARGUMENT],
    ["a length that lies", [Buffer.from([0, 0, 0, 0, 9, 1])], status.INVALID_ARGUMENT],
    ["a compressed message", [frame(Buffer.from("x"), 1)], status.INVALID_ARGUMENT],
    ["1 MiB", Array(16).fill(Buffer.alloc(65_536)), status.RESOURCE_EXHAUSTED],
  ] as const) {
    it(`refuses ${what} with status ${code}, and goes on`, async () => {
      assert.equal((await call(chunks)).code, code);
      assert.equal((await call([frame(Buffer.from("x"))])).code, status.OK);
    });
  }

  it("lives through a peer that speaks no HTTP/2, and one that leaves in the middle of a call", async () => {
    const stranger = connectTcp(server.port, "127.0.0.1");
    stranger.on("error", () => undefined);
    stranger.resume();
    stranger.end("GET / HTTP/1.1\r\n\r\n");
    await once(stranger, "close");
    const leaver = connect(`http://127.0.0.1:${server.port}`);
    leaver.on("error", () => undefined);
    const stream = leaver.request({ ":method": "POST", ":path": PATH });
    stream.on("error", () => undefined);
    stream.write(Buffer.from([0, 0]));
    await once(leaver, "connect");
    leaver.destroy();

    assert.equal((await call([frame(Buffer.from("x"))])).code, status.OK);
  });
});
