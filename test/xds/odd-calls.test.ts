import assert from "node:assert/strict";
import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { createSnapshot, createXdsServer, type XdsServer } from "../../src/xds/server.ts";
import { AGGREGATED, XdsClient } from "./client.ts";

const GOOD = encodeJson("envoy.service.discovery.v3.DeltaDiscoveryRequest", {
  node: { id: "odd" },
  type_url: CLUSTER_TYPE,
});

/** A message as gRPC frames it: a flag, the length, the bytes. */
function frame(bytes: Uint8Array, { flag = 0, length = bytes.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

interface OddCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly code: status;
}

const DAMAGED = Buffer.from([0x0f, 1, 2, 3]);
const CALLS: Readonly<Record<string, OddCall>> = {
  "a method that is not there": {
    headers: { ":path": `/${AGGREGATED}/Nothing` },
    body: frame(GOOD),
    code: status.UNIMPLEMENTED,
  },
  "a service that is not there": {
    headers: { ":path": "/a.b.C/D" },
    body: frame(GOOD),
    code: status.UNIMPLEMENTED,
  },
  "an encoding nobody knows": {
    headers: { "grpc-encoding": "snappy" },
    body: frame(GOOD, { flag: 1 }),
    code: status.UNIMPLEMENTED,
  },
  "gzip that is none": {
    headers: { "grpc-encoding": "gzip" },
    body: frame(GOOD, { flag: 1 }),
    code: status.INTERNAL,
  },
  "a message of 4 GiB": {
    body: frame(GOOD, { length: 0xffffffff }),
    code: status.RESOURCE_EXHAUSTED,
  },
  "bytes that are no message": { body: frame(DAMAGED), code: status.INVALID_ARGUMENT },
  "a deadline of 50 ms": {
    headers: { "grpc-timeout": "50m" },
    body: frame(GOOD),
    code: status.DEADLINE_EXCEEDED,
  },
  "a deadline that is none": {
    headers: { "grpc-timeout": "soon" },
    body: frame(GOOD),
    code: status.INTERNAL,
  },
};

describe("odd calls of the xDS server", () => {
  let xds: XdsServer;
  let port: number;

  before(async () => {
    xds = createXdsServer();
    for (const id of ["odd", "good"]) xds.setSnapshot(id, cluster("one"));
    port = await xds.listen("127.0.0.1:0");
  });
  after(() => xds.stop());

  const cluster = (text: string) =>
    createSnapshot([{ typeUrl: CLUSTER_TYPE, name: "a", value: Buffer.from(text) }]);

  /** What ends a call that says this and goes on; over a connection of its own. */
  function codeOf({ headers = {}, body }: OddCall): Promise<number> {
    const session = connect(`http://127.0.0.1:${port}`);
    const call = session.request({
      ...{ ":method": "POST", ":path": `/${AGGREGATED}/DeltaAggregatedResources` },
      ...{ "content-type": "application/grpc", te: "trailers", ...headers },
    });
    call.write(body);
    return new Promise<number>((resolve, reject) => {
      const look = (answer: { readonly "grpc-status"?: unknown }) => {
        if (answer["grpc-status"] !== undefined) resolve(Number(answer["grpc-status"]));
      };
      call.on("response", look).on("trailers", look).on("error", reject).resume();
    }).finally(() => session.destroy());
  }

  it(`end with the status of their fault, ${Object.keys(CALLS).length} of them, and a good stream beside them gets its change`, async () => {
    const client = new XdsClient(port);
    const good = client.delta();
    good.send({ node: { id: "good" }, type_url: CLUSTER_TYPE });
    const { nonce } = await good.next();
    const codes: [string, string | undefined][] = [];
    for (const [what, call] of Object.entries(CALLS)) {
      codes.push([what, status[await codeOf(call)]]);
    }
    good.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
    xds.setSnapshot("good", cluster("two"));
    const { resources } = await good.next();
    client.close();

    assert.deepEqual(
      codes,
      Object.entries(CALLS).map(([what, { code }]) => [what, status[code]]),
    );
    assert.equal(Buffer.from(resources[0]?.resource.value ?? []).toString(), "two");
  });
});
