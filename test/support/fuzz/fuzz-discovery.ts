import { status } from "@grpc/grpc-js";
import { protoRoot } from "../../../src/proto/bundle.ts";
import { CLUSTER_TYPE } from "../../../src/proto/type-url.ts";
import { createSnapshot, createXdsServer } from "../../../src/xds/server.ts";
import { XdsClient } from "../../xds/client.ts";
import { Random } from "./random.ts";

/** What came of malformed discovery requests: how many streams ended with which status, and what the heap grew by. */
export interface DiscoveryFuzz {
  readonly byStatus: ReadonlyMap<string, number>;
  /** Between the first tenth and the end; a number only where `--expose-gc` is on. */
  readonly grownBytes: number | undefined;
}

const AT_ONCE = 50;
const REQUESTS_A_STREAM = 5;

/** Rejects if a stream that behaves well is not served after all of them, or anything is thrown in the server. */
export async function fuzzDiscovery(seed: number, requests: number): Promise<DiscoveryFuzz> {
  const random = new Random(seed);
  const xds = createXdsServer();
  const port = await xds.listen("127.0.0.1:0");
  const client = new XdsClient(port);
  const byStatus = new Map<string, number>();
  const publish = (content: string) =>
    xds.setSnapshot(
      "good",
      createSnapshot([{ typeUrl: CLUSTER_TYPE, name: "a", value: Buffer.from(content) }]),
    );
  publish("first");
  const good = client.delta();
  good.send({ node: { id: "good" }, type_url: CLUSTER_TYPE });
  const { nonce } = await good.next();
  good.send({ type_url: CLUSTER_TYPE, response_nonce: nonce });
  let before: number | undefined;
  try {
    for (let sent = 0; sent < requests; sent += AT_ONCE * REQUESTS_A_STREAM) {
      if (before === undefined && sent >= requests / 10) before = heapBytes();
      const streams = Array.from({ length: AT_ONCE }, async () => {
        const stream = random.chance(0.5) ? client.delta() : client.sotw();
        for (let i = 0; i < REQUESTS_A_STREAM; i++) stream.send(malformed(random));
        stream.call.end();
        const { code } = await stream.ended;
        const name = status[code] ?? String(code);
        byStatus.set(name, (byStatus.get(name) ?? 0) + 1);
      });
      await Promise.all(streams);
      for (const { nodeId } of xds.status()) if (nodeId !== "good") xds.forgetNode(nodeId);
    }
    publish("last");
    const last = Buffer.from((await good.next()).resources[0]!.resource.value).toString();
    if (last !== "last") throw new Error(`the good stream got ${last}`);
    const after = heapBytes();
    const grownBytes = before === undefined || after === undefined ? undefined : after - before;
    return { byStatus, grownBytes };
  } finally {
    client.close();
    xds.stop();
  }
}

function heapBytes(): number | undefined {
  if (globalThis.gc === undefined) return undefined;
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A request that was right, with bytes changed, cut or put in; or no request at all. */
function malformed(random: Random): Buffer {
  if (random.chance(0.2)) return Buffer.from(random.bytes(random.below(200)));
  const type = protoRoot().lookupType("envoy.service.discovery.v3.DeltaDiscoveryRequest");
  const request = {
    node: { id: random.chance(0.5) ? "fuzz" : "" },
    type_url: random.pick([CLUSTER_TYPE, "", "no.such.Type"]),
    resource_names_subscribe: [random.text(random.below(8)), "*"],
    response_nonce: random.text(random.below(4)),
  };
  const bytes = Buffer.from(type.encode(type.fromObject(request)).finish());
  for (let i = random.below(4); i > 0 && bytes.length > 0; i--)
    bytes[random.below(bytes.length)] = random.below(256);
  return bytes.subarray(0, random.chance(0.3) ? random.below(bytes.length + 1) : bytes.length);
}
