import assert from "node:assert/strict";
import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { loadService } from "../../src/proto/service.ts";
import { CLUSTER_TYPE, ENDPOINT_TYPE } from "../../src/proto/type-url.ts";
import { FULL_BYTES, STALL_LIMIT_MS } from "../../src/xds/outbox.ts";
import { createSnapshot, createXdsServer, type XdsEvent } from "../../src/xds/server.ts";
import {
  AGGREGATED,
  type DeltaResponseMessage,
  methodName,
  type SotwResponseMessage,
  type TestStream,
  XdsClient,
} from "./client.ts";

/** Clients that stop reading: what waits for them is bounded, others do not notice, and in the end they are cut. */
type Stream = TestStream<DeltaResponseMessage | SotwResponseMessage>;

const LARGE = 256 * 1024;

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** As gRPC frames a message. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

for (const form of ["sotw", "delta"] as const) {
  describe(`clients that do not read, ${form}`, () => {
    const timers = new Set<Timer>();
    let nowMs = 0;
    let events: XdsEvent[];
    let xds: ReturnType<typeof createXdsServer>;
    let clients: XdsClient[];
    let port: number;

    beforeEach(async () => {
      events = [];
      clients = [];
      timers.clear();
      xds = createXdsServer({
        nodeKey: () => "all",
        onEvent: (event) => events.push(event),
        nowMs: () => nowMs,
        schedule: (ms, fire) => {
          const timer = { atMs: nowMs + ms, fire };
          timers.add(timer);
          return () => timers.delete(timer);
        },
      });
      publish(0);
      port = await xds.listen("127.0.0.1:0");
    });

    afterEach(() => {
      for (const client of clients) client.close();
      xds.stop();
    });

    function publish(revision: number): void {
      const large = Buffer.alloc(LARGE, `${revision};`);
      const names = Array.from({ length: 8 }, (_, i) => `e${i}`);
      xds.setSnapshot(
        "all",
        createSnapshot([
          { typeUrl: CLUSTER_TYPE, name: "c", value: Buffer.from(`${revision}`) },
          ...names.map((name) => ({ typeUrl: ENDPOINT_TYPE, name, value: large })),
        ]),
      );
    }

    function open(): Stream {
      const client = new XdsClient(port);
      clients.push(client);
      return client.open(AGGREGATED, methodName(AGGREGATED, form));
    }

    function passTime(ms: number): void {
      nowMs += ms;
      for (const timer of [...timers]) {
        if (timer.atMs > nowMs) continue;
        timers.delete(timer);
        timer.fire();
      }
    }

    function named(names: readonly string[]): object {
      return form === "delta" ? { resource_names_subscribe: names } : { resource_names: names };
    }

    function sentTo(nodeId: string) {
      return events.filter((event) => event.kind === "sent").filter((e) => e.nodeId === nodeId);
    }

    function stall(id: string): Stream {
      const stream = open();
      stream.call.pause();
      const names = Array.from({ length: 8 }, (_, i) => `e${i}`);
      stream.send({ node: { id }, type_url: ENDPOINT_TYPE, ...named(names) });
      return stream;
    }

    it("statement 50 (S, D): one that stops reading 2 MiB is cut 30 s later with UNAVAILABLE, and nothing is left of it", async () => {
      const stalled = stall("stalled");
      await until(() => sentTo("stalled").length === 1);
      passTime(STALL_LIMIT_MS - 1);
      assert.equal(xds.status()[0]?.streams, 1);

      passTime(1);
      const refused = events.find((event) => event.kind === "refused");
      assert.equal(refused?.refusal.code, "UNAVAILABLE");
      assert.match(refused.refusal.details, /^\d+ bytes waited 30 s to be read$/);
      assert.equal(xds.status()[0]?.streams, 0);
      passTime(1000);
      stalled.call.resume();
      assert.equal((await stalled.ended).code, status.UNAVAILABLE);
    });

    it("statement 50 (S, D): one that reads on after 29 s gets all of it", async () => {
      const slow = stall("slow");
      await until(() => sentTo("slow").length === 1);
      passTime(STALL_LIMIT_MS - 1000);
      slow.call.resume();
      assert.equal((await slow.next()).resources.length, 8);

      passTime(STALL_LIMIT_MS);
      assert.equal(events.filter(({ kind }) => kind === "refused").length, 0);
    });

    it("statement 50 (S, D): 2000 answers of one that takes not a byte make the server write 1 MiB and one response at most", async () => {
      const connection = connect(`http://127.0.0.1:${port}`, {
        settings: { initialWindowSize: 0 },
      });
      const { path, requestSerialize } = loadService(AGGREGATED)[methodName(AGGREGATED, form)]!;
      const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc" };
      const request = connection.request(headers);
      const first = { node: { id: "greedy" }, type_url: ENDPOINT_TYPE, ...named(["e0"]) };
      request.write(frame(requestSerialize(first)));
      for (let i = 1; i <= 2000; i++) {
        const answer = { type_url: ENDPOINT_TYPE, response_nonce: i.toString(36) };
        request.write(frame(requestSerialize({ ...answer, ...named([`e${i % 8}`]) })));
      }
      await until(() => sentTo("greedy").length > 1);
      const healthy = open();
      healthy.send({ node: { id: "healthy" }, type_url: CLUSTER_TYPE });
      for (let revision = 1; revision <= 50; revision++) {
        const { nonce } = await healthy.next();
        healthy.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
        publish(revision);
      }

      const bytes = sentTo("greedy").reduce((sum, { bytes: each }) => sum + each, 0);
      assert.ok(bytes > FULL_BYTES / 2 && bytes <= FULL_BYTES + 2 * LARGE, `${bytes} bytes`);
      connection.destroy();
    });

    it("statement 53 (S, D): a drain waits 1 s for one that does not read, then cuts it", async () => {
      const stalled = stall("stalled");
      await until(() => sentTo("stalled").length === 1);
      const drained = xds.drain(0);
      passTime(0);
      passTime(999);
      assert.equal(timers.size, 1);
      passTime(1);
      await drained;
      stalled.call.resume();
      assert.equal((await stalled.ended).code, status.UNAVAILABLE);
    });

    it("statement 50 (S, D): beside 10 that do not read, one that does gets each of 100 changes", async () => {
      const stalled = Array.from({ length: 10 }, (_, i) => stall(`stalled-${i}`));
      await until(() => events.filter(({ kind }) => kind === "sent").length === 10);
      const healthy = open();
      healthy.send({ node: { id: "healthy" }, type_url: CLUSTER_TYPE });
      for (let revision = 0; revision < 100; revision++) {
        const { nonce, resources } = await healthy.next();
        const [first] = resources;
        const body = first !== undefined && "resource" in first ? first.resource : first;
        assert.equal(Buffer.from(body?.value ?? []).toString(), `${revision}`);
        healthy.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
        await until(() => events.filter(({ kind }) => kind === "acked").length === revision + 1);
        publish(revision + 1);
      }

      for (let i = 0; i < stalled.length; i++) assert.equal(sentTo(`stalled-${i}`).length, 1);
    });
  });
}
