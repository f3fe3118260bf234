import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { loadService } from "../../src/proto/service.ts";
import { CLUSTER_TYPE, LISTENER_TYPE, ROUTE_TYPE, SECRET_TYPE } from "../../src/proto/type-url.ts";
import { RESOURCE_TYPES } from "../../src/xds/resource-types.ts";
import {
  createSnapshot,
  createXdsServer,
  type XdsEvent,
  type XdsServer,
  type XdsServerOptions,
} from "../../src/xds/server.ts";
import {
  AGGREGATED,
  type DeltaResponseMessage,
  methodName,
  type SotwResponseMessage,
  type TestStream,
  XdsClient,
} from "./client.ts";

/**
 * The statements about streams rather than subscriptions, over a real socket in both forms of the protocol. The others are
 * text scripts, which are played over sockets too.
 */
const NODE = { id: "edge-1", cluster: "edge" };

type Response = DeltaResponseMessage | SotwResponseMessage;
type Stream = TestStream<Response>;

function resource(typeUrl: string, name: string, content: string) {
  return { typeUrl, name, value: Buffer.from(content) };
}

const ONE_CLUSTER = createSnapshot([resource(CLUSTER_TYPE, "a", "one")]);

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

async function endOf(stream: Stream): Promise<readonly [number, string]> {
  const { code, details } = await stream.ended;
  return [code, details];
}

for (const form of ["sotw", "delta"] as const) {
  describe(`protocol statements over a socket, ${form}`, () => {
    let xds: XdsServer;
    let client: XdsClient;
    let events: XdsEvent[];
    let port: number;
    let closing: (() => void)[];

    beforeEach(async () => {
      events = [];
      closing = [];
      await serve({});
    });

    afterEach(() => {
      for (const close of closing) close();
    });

    async function serve(options: XdsServerOptions): Promise<void> {
      const server = createXdsServer({ onEvent: (event) => events.push(event), ...options });
      server.setSnapshot("edge-1", ONE_CLUSTER);
      port = await server.listen("127.0.0.1:0");
      xds = server;
      client = connectTo(port);
      closing.push(() => server.stop());
    }

    function connectTo(target: number): XdsClient {
      const made = new XdsClient(target);
      closing.push(() => made.close());
      return made;
    }

    function open(service = AGGREGATED, from = client): Stream {
      return from.open(service, methodName(service, form));
    }

    function named(names: readonly string[]): object {
      return form === "delta" ? { resource_names_subscribe: names } : { resource_names: names };
    }

    function valuesOf(response: Response): string[] {
      const bodies =
        "version_info" in response
          ? response.resources
          : response.resources.map(({ resource: body }) => body);
      return bodies.map(({ value }) => Buffer.from(value).toString());
    }

    async function ask(stream: Stream, typeUrl: string): Promise<Response> {
      stream.send({ node: NODE, type_url: typeUrl });
      return stream.next();
    }

    function count(kind: XdsEvent["kind"]): number {
      return events.filter((event) => event.kind === kind).length;
    }

    for (const { service, typeUrl } of RESOURCE_TYPES) {
      const short = service.split(".").at(-1);
      it(`statement 1, 45 (S, D): ${short} serves its own type when the type is left out`, async () => {
        xds.setSnapshot("edge-1", createSnapshot([resource(typeUrl, "a", "one")]));
        const stream = open(service);
        stream.send({ node: NODE, ...named(["a"]) });
        const response = await stream.next();

        assert.equal(response.type_url, typeUrl);
        assert.deepEqual(valuesOf(response), ["one"]);
      });

      it(`statement 1 (S, D): ${short} refuses another type, naming both`, async () => {
        const other = typeUrl === CLUSTER_TYPE ? LISTENER_TYPE : CLUSTER_TYPE;
        const stream = open(service);
        stream.send({ node: NODE, type_url: other });
        const details = `this service carries ${typeUrl}, not ${other}`;
        assert.deepEqual(await endOf(stream), [status.INVALID_ARGUMENT, details]);
      });

      it(`${short} answers Fetch with UNIMPLEMENTED, naming the method`, async () => {
        const fetch = Object.keys(loadService(service)).find((name) => name.startsWith("Fetch"));
        assert.ok(fetch);
        const stream = client.open<Response>(service, fetch);
        stream.send({ node: NODE });
        stream.call.end();
        const details = `The server does not implement the method ${fetch}`;
        assert.deepEqual(await endOf(stream), [status.UNIMPLEMENTED, details]);
      });
    }

    it("statement 1 (S, D): an aggregated request without a type ends the stream with INVALID_ARGUMENT", async () => {
      const stream = open();
      stream.send({ node: NODE });
      const details = "type_url is required on this service";
      assert.deepEqual(await endOf(stream), [status.INVALID_ARGUMENT, details]);
    });

    it("statement 2 (S, D): a first request without node.id is refused, naming the field", async () => {
      const stream = open();
      stream.send({ type_url: CLUSTER_TYPE });
      const details = "the first request must carry node.id";
      assert.deepEqual(await endOf(stream), [status.INVALID_ARGUMENT, details]);
    });

    it("statement 2, 3, 4 (S, D): later requests inherit the node; 4 responses of 2 types have 4 nonces and their types", async () => {
      xds.setSnapshot(
        "edge-1",
        createSnapshot([resource(CLUSTER_TYPE, "a", "1"), resource(SECRET_TYPE, "s", "1")]),
      );
      const stream = open();
      const responses = [await ask(stream, CLUSTER_TYPE)];
      stream.send({ type_url: SECRET_TYPE, ...named(["s"]) });
      responses.push(await stream.next());
      for (const { type_url, nonce } of [...responses]) {
        stream.send({
          type_url,
          response_nonce: nonce,
          ...named(type_url === SECRET_TYPE ? ["s"] : []),
        });
      }
      await until(() => count("acked") === 2);
      xds.setSnapshot(
        "edge-1",
        createSnapshot([resource(CLUSTER_TYPE, "a", "2"), resource(SECRET_TYPE, "s", "2")]),
      );
      responses.push(await stream.next(), await stream.next());

      assert.equal(new Set(responses.map(({ nonce }) => nonce)).size, 4);
      assert.ok(responses.every(({ nonce }) => nonce !== ""));
      assert.deepEqual(
        responses.map(({ type_url }) => type_url).sort(),
        [CLUSTER_TYPE, CLUSTER_TYPE, SECRET_TYPE, SECRET_TYPE].sort(),
      );
    });

    it("statement 48 (S, D): half-close ends the stream with OK; 50 cancelled streams leave none, and nothing is sent to them", async () => {
      const closing = open();
      await ask(closing, CLUSTER_TYPE);
      closing.call.end();
      assert.equal((await closing.ended).code, status.OK);

      const cancelled = Array.from({ length: 50 }, () => open());
      await Promise.all(cancelled.map((stream) => ask(stream, CLUSTER_TYPE)));
      assert.equal(xds.status()[0]?.streams, 50);
      for (const { call } of cancelled) call.cancel();
      await until(() => count("disconnected") === 51);
      const before = count("sent");
      xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "two")]));

      assert.equal(count("sent"), before);
      assert.equal(xds.status()[0]?.isConnected, false);
      assert.equal(xds.forgetNode("edge-1"), true);
      assert.deepEqual(xds.status(), []);
    });

    it("statement 48 (S, D): a connection that is reset frees its stream", async () => {
      const method = methodName(AGGREGATED, form);
      const { path, requestSerialize } = loadService(AGGREGATED)[method]!;
      const body = requestSerialize({ node: NODE, type_url: CLUSTER_TYPE });
      const frame = Buffer.concat([Buffer.alloc(5), body]);
      frame.writeUInt32BE(body.length, 1);
      const connection = connect(`http://127.0.0.1:${port}`);
      const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc" };
      const request = connection.request(headers);
      request.write(frame);
      await until(() => count("connected") === 1);
      assert.equal(xds.status()[0]?.streams, 1);

      connection.destroy();
      await until(() => count("disconnected") === 1);
      assert.equal(xds.status()[0]?.streams, 0);
    });

    it("statement 49 (S, D): one response to a client that does not answer, then the newest of 1000 snapshots", async () => {
      const stream = open();
      const first = await ask(stream, CLUSTER_TYPE);
      for (let i = 1; i <= 1000; i++) {
        xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", `content ${i}`)]));
      }
      stream.send({ type_url: CLUSTER_TYPE, response_nonce: first.nonce });

      assert.deepEqual(valuesOf(await stream.next()), ["content 1000"]);
      assert.equal(count("sent"), 2);
    });

    it("statement 51 (S, D): UNAVAILABLE until the sources are loaded, then served", async () => {
      let isReady = false;
      await serve({ isReady: () => isReady });
      const details = "the sources are not loaded yet";
      assert.deepEqual(await endOf(open()), [status.UNAVAILABLE, details]);

      isReady = true;
      assert.deepEqual(valuesOf(await ask(open(), CLUSTER_TYPE)), ["one"]);
    });

    it("statement 52 (S, D): the third of at most 2 streams is RESOURCE_EXHAUSTED; the 2 go on, and one that leaves makes room", async () => {
      await serve({ maxStreams: 2 });
      const first = open();
      const { nonce } = await ask(first, CLUSTER_TYPE);
      const second = open();
      await ask(second, CLUSTER_TYPE);
      const details = "2 streams are open, which is the limit";
      assert.deepEqual(await endOf(open()), [status.RESOURCE_EXHAUSTED, details]);

      first.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
      xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "two")]));
      assert.deepEqual(valuesOf(await first.next()), ["two"]);
      second.call.end();
      await second.ended;
      assert.deepEqual(valuesOf(await ask(open(), CLUSTER_TYPE)), ["two"]);
    });

    it("statement 52 (S, D): of 4 streams at once 3 are let in at 3 a second, and 500 ms later 1 more", async () => {
      let nowMs = 1000;
      await serve({ maxStreamsPerS: 3, nowMs: () => nowMs });
      const attempt = async () => {
        const stream = open();
        stream.send({ node: NODE, type_url: CLUSTER_TYPE });
        return Promise.race([
          stream.next().then(() => "served"),
          stream.ended.then((s) => s.details),
        ]);
      };
      const outcomes = [await attempt(), await attempt(), await attempt(), await attempt()];
      nowMs += 500;
      outcomes.push(await attempt(), await attempt());

      const refused = "more than 3 new streams a second";
      assert.deepEqual(outcomes, ["served", "served", "served", refused, "served", refused]);
    });

    it("statement 53 (S, D): a drain over 1000 ms says GOAWAY, ends 4 streams at 0, 250, 500 and 750 ms, and lets nobody in", async () => {
      const planned: { ms: number; fire: () => void }[] = [];
      await serve({
        schedule: (ms, fire) => {
          planned.push({ ms, fire });
          return () => undefined;
        },
      });
      const streams = Array.from({ length: 4 }, () => open());
      for (const stream of streams) await ask(stream, CLUSTER_TYPE);
      const idle = connect(`http://127.0.0.1:${port}`);
      await once(idle, "remoteSettings");
      const goaway = once(idle, "goaway");
      // The machines' own timers came before.
      planned.length = 0;
      const drained = xds.drain(1000);
      await goaway;

      assert.deepEqual(
        planned.map(({ ms }) => ms),
        [0, 250, 500, 750],
      );
      const late = connectTo(port);
      assert.equal((await open(AGGREGATED, late).ended).code, status.UNAVAILABLE);
      for (const [i, { fire }] of planned.entries()) {
        fire();
        const details = "this server is being shut down: connect to another";
        assert.deepEqual(await endOf(streams[i]!), [status.UNAVAILABLE, details]);
        assert.equal(xds.status()[0]?.streams, 3 - i);
      }
      idle.close();
      client.close();
      await drained;
    });

    it("statement 55 (S, D): two streams of one node are both served, and the newer one's status is believed", async () => {
      const older = open();
      const held = await ask(older, CLUSTER_TYPE);
      const newer = open();
      const { nonce } = await ask(newer, CLUSTER_TYPE);
      newer.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
      await until(() => xds.status()[0]?.types[0]?.state === "SYNCED");

      const error_detail = { code: 3, message: "late complaint of a dying stream" };
      older.send({ type_url: CLUSTER_TYPE, response_nonce: held.nonce, error_detail });
      await until(() => count("nacked") === 1);

      assert.equal(xds.status()[0]?.types[0]?.state, "SYNCED");
    });

    it("statement 56 (S, D): an unsupported type is told once and leaves the stream up", async () => {
      const stream = open();
      for (let i = 0; i < 3; i++) stream.send({ node: NODE, type_url: "type.googleapis.com/x.Y" });
      stream.send({ type_url: ROUTE_TYPE });

      assert.equal((await ask(stream, CLUSTER_TYPE)).type_url, CLUSTER_TYPE);
      assert.equal(count("unsupported-type"), 1);
    });

    it("statement 58 (S, D): a first request of 4 MiB less 64 KiB is taken, a larger one is RESOURCE_EXHAUSTED", async () => {
      const names = (bytes: number) => Array.from({ length: bytes / 1024 }, () => "n".repeat(1021));
      const stream = open();
      const large = names(4 * 1024 * 1024 - 64 * 1024);
      stream.send({ node: NODE, type_url: CLUSTER_TYPE, ...named([...large, "*"]) });
      assert.deepEqual(valuesOf(await stream.next()), ["one"]);

      const tooLarge = open();
      tooLarge.send({
        node: NODE,
        type_url: CLUSTER_TYPE,
        ...named(names(4 * 1024 * 1024 + 64 * 1024)),
      });
      assert.equal((await tooLarge.ended).code, status.RESOURCE_EXHAUSTED);
    });
  });
}

describe("protocol statements over a socket, between two servers", () => {
  it("statement 33, 53 (D): 10 clients of a drained server go to another with the same content and are sent nothing", async () => {
    const make = async () => {
      const xds = createXdsServer();
      xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "one")]));
      return { xds, port: await xds.listen("127.0.0.1:0") };
    };
    const [old, next] = [await make(), await make()];
    const clients = Array.from({ length: 10 }, () => new XdsClient(old.port));
    const versions = await Promise.all(
      clients.map(async (client) => {
        const stream = client.delta();
        stream.send({ node: NODE, type_url: CLUSTER_TYPE });
        const { resources, nonce } = await stream.next();
        stream.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
        void old.xds.drain(0);
        await stream.ended;
        return resources[0]!.version;
      }),
    );
    for (const client of clients) client.close();

    const moved = new XdsClient(next.port);
    const streams = versions.map((version) => {
      const stream = moved.delta();
      const initial_resource_versions = { a: version };
      stream.send({ node: NODE, type_url: CLUSTER_TYPE, initial_resource_versions });
      return stream;
    });
    await until(() => next.xds.status()[0]?.streams === 10);
    next.xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "two")]));
    for (const stream of streams) {
      const { resources } = await stream.next();
      assert.equal(Buffer.from(resources[0]!.resource.value).toString(), "two");
    }
    moved.close();
    next.xds.stop();
    old.xds.stop();
  });
});
