import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type Client,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { Sample } from "../../src/evidence/source.ts";
import { loadService } from "../../src/proto/service.ts";
import { addMetricsService, MAX_MESSAGE_BYTES } from "../../src/telemetry/metrics-service.ts";
import { counterFamily, encodeReport, nodeIdentifier } from "./report.ts";

const SERVICE = "envoy.service.metrics.v3.MetricsService";
const SHED = "wasmcustom.qmesh.shop.tier.default.shed";

interface Observed {
  readonly node: string;
  readonly nowMs: number;
  readonly samples: readonly Sample[];
}

/** A client stream whose end is a promise: of OK, or of the error the server gave. */
interface Stream {
  readonly call: ClientWritableStream<Buffer>;
  readonly ended: Promise<ServiceError | undefined>;
}

describe("metrics service", () => {
  let server: Server;
  let client: Client;
  let observed: Observed[];
  let refusals: { node?: string; reason: string }[];
  let wake: () => void;

  beforeEach(async () => {
    observed = [];
    refusals = [];
    wake = () => undefined;
    server = new Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
    addMetricsService(server, {
      sink: {
        observe: (node, nowMs, samples) => {
          observed.push({ node, nowMs, samples });
          wake();
        },
      },
      nowMs: () => 42,
      onRefused: (refusal) => refusals.push(refusal),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const Constructor = makeGenericClientConstructor(rawService(), "MetricsService");
    client = new Constructor(`127.0.0.1:${port}`, credentials.createInsecure());
  });
  afterEach(() => {
    client.close();
    server.forceShutdown();
  });

  function open(): Stream {
    let call: ClientWritableStream<Buffer> | undefined;
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      const method = (client as unknown as { StreamMetrics: Method }).StreamMetrics;
      call = method.call(client, (error: ServiceError | null) => resolve(error ?? undefined));
      call.on("error", () => undefined);
    });
    assert.ok(call);
    return { call, ended };
  }

  async function untilObserved(count: number): Promise<void> {
    while (observed.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function report(shed: number, id?: string): Buffer {
    return encodeReport({
      ...(id !== undefined && { identifier: nodeIdentifier(id) }),
      envoy_metrics: [counterFamily(SHED, shed), counterFamily("server.live", 1)],
    });
  }

  it("hands on the samples of every message under the node the first one named", async () => {
    const { call, ended } = open();
    call.write(report(1, "edge-1"));
    call.write(report(2));
    call.end();

    assert.equal(await ended, undefined);
    assert.deepEqual(
      observed,
      [1, 2].map((value) => ({
        node: "edge-1",
        nowMs: 42,
        samples: [{ name: SHED, kind: "counter", value }],
      })),
    );
  });

  it("ends a stream that names no node with INVALID_ARGUMENT and the field that is missing", async () => {
    const { call, ended } = open();
    call.write(report(1));

    const error = await ended;

    assert.equal(error?.code, status.INVALID_ARGUMENT);
    assert.match(error.details, /identifier\.node\.id is empty/);
    assert.equal(observed.length, 0);
    assert.equal(refusals.length, 1);
  });

  it("ends only the stream whose message is malformed, and says where", async () => {
    const good = open();
    const bad = open();
    good.call.write(report(1, "edge-1"));
    bad.call.write(report(1, "edge-2"));
    bad.call.write(Buffer.from([0x12, 0x05, 0x0a]));

    const error = await bad.ended;
    good.call.write(report(2));
    await untilObserved(3);

    assert.equal(error?.code, status.INVALID_ARGUMENT);
    assert.match(error.details, /byte \d/);
    assert.equal(refusals[0]?.node, "edge-2");
    assert.equal(observed.at(-1)?.node, "edge-1");
    good.call.cancel();
  });

  it("ignores what follows a malformed message on the same stream", async () => {
    const { call, ended } = open();
    call.write(report(1, "edge-1"));
    call.write(Buffer.from([0x07]));
    call.write(report(2));

    assert.equal((await ended)?.code, status.INVALID_ARGUMENT);
    assert.equal(observed.length, 1);
  });

  it("ends a stream that sends more than 4 MiB with RESOURCE_EXHAUSTED", async () => {
    const { call, ended } = open();
    call.write(Buffer.alloc(MAX_MESSAGE_BYTES + 1));

    assert.equal((await ended)?.code, status.RESOURCE_EXHAUSTED);
  });

  it("believes the newest of two streams of one node, and the older again once that ended", async () => {
    const older = open();
    older.call.write(report(1, "edge-1"));
    await untilObserved(1);
    const newer = open();
    newer.call.write(report(2, "edge-1"));
    await untilObserved(2);

    older.call.write(report(100));
    older.call.write(report(101));
    newer.call.write(report(3));
    await untilObserved(3);
    newer.call.end();
    await newer.ended;
    older.call.write(report(4));
    await untilObserved(4);

    const values = observed.map(({ samples }) => samples[0]?.value);
    assert.deepEqual(values.slice(-2), [3, 4]);
    assert.ok(!values.includes(100), `${values}`);
    older.call.cancel();
  });

  it("survives a client that goes away without a word", async () => {
    const gone = open();
    gone.call.write(report(1, "edge-1"));
    await untilObserved(1);
    gone.call.cancel();
    assert.equal((await gone.ended)?.code, status.CANCELLED);

    const { call } = open();
    call.write(report(2, "edge-1"));
    await untilObserved(2);

    call.end();
    await once(call, "status");
  });
});

type Method = (done: (error: ServiceError | null) => void) => ClientWritableStream<Buffer>;

/** The service with messages as bytes, so that a test can send any. */
function rawService() {
  const { StreamMetrics } = loadService(SERVICE);
  assert.ok(StreamMetrics);
  return { StreamMetrics: { ...StreamMetrics, requestSerialize: (bytes: Buffer) => bytes } };
}
