import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { CLUSTER_TYPE, SECRET_TYPE } from "../../src/proto/type-url.ts";
import { RESOURCE_TYPES } from "../../src/xds/resource-types.ts";
import {
  createSnapshot,
  createXdsServer,
  type StatusChange,
  type XdsEvent,
  type XdsServer,
} from "../../src/xds/server.ts";
import { type TestStream, XdsClient } from "./client.ts";

const NODE = { id: "edge-1", cluster: "edge" };

function resource(typeUrl: string, name: string, content: string) {
  return { typeUrl, name, value: Buffer.from(content) };
}

describe("xDS server over sockets", () => {
  let xds: XdsServer;
  let client: XdsClient;
  let events: XdsEvent[];
  let changes: StatusChange[];
  let isReady: boolean;

  beforeEach(async () => {
    events = [];
    changes = [];
    isReady = true;
    xds = createXdsServer({
      isReady: () => isReady,
      onEvent: (event) => events.push(event),
      onStatus: (change) => changes.push(change),
    });
    client = new XdsClient(await xds.listen("127.0.0.1:0"));
    xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "one")]));
  });

  afterEach(() => {
    client.close();
    xds.stop();
  });

  async function until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
  }

  async function _endOf<Response>(
    stream: TestStream<Response>,
  ): Promise<readonly [number, string]> {
    const { code, details } = await stream.ended;
    return [code, details];
  }

  it("serves delta: name, version, bytes, removal, and the node only in the first request", async () => {
    const stream = client.delta();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });
    const first = await stream.next();

    assert.equal(first.type_url, CLUSTER_TYPE);
    assert.deepEqual(
      first.resources.map((r) => [r.name, r.resource.type_url, Buffer.from(r.resource.value)]),
      [["a", CLUSTER_TYPE, Buffer.from("one")]],
    );
    assert.match(first.resources[0]!.version, /^[0-9a-f]{16}$/);

    stream.send({ type_url: CLUSTER_TYPE, response_nonce: first.nonce });
    xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "b", "two")]));
    const made = await stream.next();
    stream.send({ type_url: CLUSTER_TYPE, response_nonce: made.nonce });
    const broken = await stream.next();

    assert.deepEqual(
      made.resources.map((r) => r.name),
      ["b"],
    );
    assert.deepEqual(broken.removed_resources, ["a"]);
    assert.equal(new Set([first.nonce, made.nonce, broken.nonce]).size, 3);
  });

  it("serves state of the world with the hash of the set as version", async () => {
    const stream = client.sotw();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });
    const response = await stream.next();

    assert.deepEqual(
      response.resources.map((r) => [r.type_url, Buffer.from(r.value).toString()]),
      [[CLUSTER_TYPE, "one"]],
    );
    const { version } = xds.getSnapshot("edge-1")!.types.get(CLUSTER_TYPE)!;
    assert.equal(response.version_info, version);
  });

  it("carries names and bytes of any length and alphabet unharmed", async () => {
    const long = { name: "ü/漢字 ".repeat(40), content: "x".repeat(70_000) };
    xds.setSnapshot("edge-1", createSnapshot([resource(SECRET_TYPE, long.name, long.content)]));
    const stream = client.delta();
    stream.send({ node: NODE, type_url: SECRET_TYPE, resource_names_subscribe: [long.name, "?"] });
    const { resources, removed_resources } = await stream.next();

    assert.equal(resources[0]?.name, long.name);
    assert.equal(Buffer.from(resources[0]?.resource.value ?? []).toString(), long.content);
    assert.deepEqual(removed_resources, ["?"]);
  });

  it("statement 5 (D): shows STALE, SYNCED and REJECTED with the node's own words", async () => {
    const stream = client.delta();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });
    const first = await stream.next();
    stream.send({ type_url: CLUSTER_TYPE, response_nonce: first.nonce });
    await until(() => changes.length === 2);
    xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "bad")]));
    const second = await stream.next();
    const error_detail = { code: 3, message: "a: no such discovery type" };
    stream.send({ type_url: CLUSTER_TYPE, response_nonce: second.nonce, error_detail });
    await until(() => changes.length === 4);

    assert.deepEqual(
      changes.map(({ before, after }) => [before?.state, after.state]),
      [
        [undefined, "STALE"],
        ["STALE", "SYNCED"],
        ["SYNCED", "STALE"],
        ["STALE", "REJECTED"],
      ],
    );
    const [rejection] = xds.status()[0]?.types[0]?.rejections ?? [];
    assert.equal(rejection?.name, "a");
    assert.equal(rejection?.message, "a: no such discovery type");
  });

  it("ends the stream of malformed bytes and no other, whatever the bytes", async () => {
    const steady = client.delta();
    steady.send({ node: NODE, type_url: CLUSTER_TYPE });
    let response = await steady.next();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        const broken = round % 2 === 0 ? client.delta() : client.sotw();
        broken.send(Buffer.from(bytes));
        broken.call.end();
        const { code } = await broken.ended;
        assert.ok(code === status.INVALID_ARGUMENT || code === status.OK, `status ${code}`);

        steady.send({ type_url: CLUSTER_TYPE, response_nonce: response.nonce });
        round += 1;
        xds.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", `round ${round}`)]));
        response = await steady.next();
        assert.equal(
          Buffer.from(response.resources[0]!.resource.value).toString(),
          `round ${round}`,
        );
      }),
      { numRuns: 60 },
    );
    assert.ok(
      events.some(
        (event) => event.kind === "refused" && /not a discovery/.test(event.refusal.details),
      ),
    );
  });

  it("tells an Envoy that has just been started from one that has lost the control plane, SotW and delta", async () => {
    const resumed = () =>
      events.flatMap((event) => (event.kind === "connected" ? [event.resumes] : []));
    for (const known of [{}, { edge: "1" }]) {
      const stream = client.delta();
      stream.send({ node: NODE, type_url: CLUSTER_TYPE, initial_resource_versions: known });
      await stream.next();
    }
    for (const version of ["", "1"]) {
      const stream = client.sotw();
      stream.send({ node: NODE, type_url: CLUSTER_TYPE, version_info: version });
      await stream.next();
    }

    assert.deepEqual(resumed(), [false, true, false, true]);
  });

  it("lets a listener publish from inside an event without losing or repeating a response", async () => {
    const lazy = createXdsServer({
      nodeKey: ({ cluster }) => cluster,
      onEvent: (event) => {
        if (event.kind !== "connected") return;
        lazy.setSnapshot(event.key, createSnapshot([resource(CLUSTER_TYPE, event.key, "late")]));
      },
    });
    const own = new Server();
    lazy.addTo(own);
    const port = await new Promise<number>((resolve, reject) => {
      own.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, free) =>
        error === null ? resolve(free) : reject(error),
      );
    });
    const other = new XdsClient(port);
    const stream = other.delta();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });

    assert.equal((await stream.next()).resources[0]?.name, "edge");
    assert.equal(stream.unread, 0);
    other.close();
    own.forceShutdown();
  });

  it("shows NOT SENT behind an unanswered phase and goes ahead after 5 s, by the injected clock and timer", async () => {
    let nowMs = 1000;
    const timers: { ms: number; fire: () => void }[] = [];
    const clocked = createXdsServer({
      nowMs: () => nowMs,
      schedule: (ms, fire) => {
        const timer = { ms, fire };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    });
    const listener = RESOURCE_TYPES[2]!.typeUrl;
    clocked.setSnapshot(
      "edge-1",
      createSnapshot([resource(CLUSTER_TYPE, "a", "1"), resource(listener, "l", "1")]),
    );
    const other = new XdsClient(await clocked.listen("127.0.0.1:0"));
    const stream = other.delta();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });
    assert.equal((await stream.next()).type_url, CLUSTER_TYPE);
    stream.send({ type_url: listener });
    await until(() => clocked.status()[0]?.types.length === 2);
    assert.equal(clocked.status()[0]?.types[1]?.state, "NOT SENT");

    assert.deepEqual(
      timers.map(({ ms }) => ms),
      [5000],
    );
    nowMs += 5000;
    timers[0]?.fire();
    assert.equal((await stream.next()).type_url, listener);

    other.close();
    clocked.stop();
  });

  it("cuts open streams on stop, so that their clients look for another server", async () => {
    const own = createXdsServer();
    own.setSnapshot("edge-1", createSnapshot([resource(CLUSTER_TYPE, "a", "one")]));
    const other = new XdsClient(await own.listen("127.0.0.1:0"));
    const stream = other.delta();
    stream.send({ node: NODE, type_url: CLUSTER_TYPE });
    await stream.next();
    own.stop();

    assert.notEqual((await stream.ended).code, status.OK);
    other.close();
  });

  it("ends all of 200 connections that have just come when it is drained, those whose turn has not come too", async () => {
    const own = createXdsServer();
    const port = await own.listen("127.0.0.1:0");
    const sockets = Array.from({ length: 200 }, () => connect({ port, host: "127.0.0.1" }));
    // Cut or ended, it is all the same.
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket
            .resume()
            .on("error", () => undefined)
            .once("close", resolve);
        }),
    );
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await own.drain(0);
    own.stop();
    await Promise.all(closed);
  });

  it("refuses an address that is not host:port", async () => {
    const own = createXdsServer();
    await assert.rejects(own.listen("somewhere"), {
      message: "cannot listen on somewhere: it is not host:port",
    });
    await assert.rejects(own.listen("127.0.0.1:70000"), /not host:port/);
  });

  it("reports an address that is taken as an error that names it", async () => {
    const taken = new Server();
    const port = await xds.listen("127.0.0.1:0");
    await assert.rejects(createXdsServer().listen(`127.0.0.1:${port}`), {
      message: `cannot listen on 127.0.0.1:${port}`,
    });
    taken.forceShutdown();
  });
});
