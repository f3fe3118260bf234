import { CLUSTER_TYPE } from "../../../src/proto/type-url.ts";
import { createSnapshot, createXdsServer, encodeJson } from "../../../src/xds/server.ts";

/** Our server with as many clusters as it is told; every message changes all of them. */
const count = Number(process.argv[2]);

function publish(change: number): void {
  const clusters = Array.from({ length: count }, (_, index) => {
    const name = `cluster-${index}`;
    const socket_address = { address: `service-${index}.example.internal`, port_value: 8080 };
    const json = {
      name,
      type: "STRICT_DNS",
      connect_timeout: `${(1 + change / 1000).toFixed(3)}s`,
      load_assignment: {
        cluster_name: name,
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
      },
    };
    return { typeUrl: CLUSTER_TYPE, name, value: encodeJson(CLUSTER_TYPE, json) };
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
