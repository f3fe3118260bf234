import { CLUSTER_TYPE } from "../../../src/proto/type-url.ts";
import { createSnapshot, createXdsServer } from "../../../src/xds/server.ts";

/** Our server with as many clusters as it is told; every message changes all of them. */
const count = Number(process.argv[2]);

/** About what a cluster with one endpoint takes; the server does not look into it. */
const BYTES = 190;

function publish(change: number): void {
  const clusters = Array.from({ length: count }, (_, index) => {
    const name = `cluster-${index}`;
    return { typeUrl: CLUSTER_TYPE, name, value: Buffer.from(`${name} ${change}`.padEnd(BYTES)) };
  });
  xds.setSnapshot("fleet", createSnapshot(clusters));
}

const xds = createXdsServer({ nodeKey: ({ cluster }) => cluster });
publish(0);
process.on("message", (change: number) => {
  publish(change);
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapUsed, rss });
});
process.once("disconnect", () => process.exit(0));
process.send?.({ port: await xds.listen("127.0.0.1:0") });
