import { monitorEventLoopDelay } from "node:perf_hooks";
import { CLUSTER_TYPE, RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import {
  createSnapshot,
  createXdsServer,
  encodeJson,
  type Resource,
} from "../../src/xds/server.ts";
import { answerControl } from "./control-line.ts";
import { CLUSTERS, FLEET, FRONT, LIMITS } from "./plan.ts";

/** Our server as a user of the library runs it, in a process of its own. */
const LAG_RESOLUTION_MS = 1;

let pushes = 0;
let criticals = 0;
let connected = 0;
const clusters = Array.from({ length: CLUSTERS }, (_, index) => cluster(index, 0));

function cluster(index: number, change: number): Resource {
  const name = `cluster-${String(index).padStart(3, "0")}`;
  const socket_address = { address: `service-${index}.example.internal`, port_value: 8080 };
  const json = {
    name,
    type: "STRICT_DNS",
    connect_timeout: `${(1 + change / 1000).toFixed(3)}s`,
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
    },
    circuit_breakers: { thresholds: [{ max_connections: 1024, max_requests: 1024 + change }] },
  };
  return { typeUrl: CLUSTER_TYPE, name, value: encodeJson(CLUSTER_TYPE, json) };
}

function limits(): Resource {
  const json = { name: LIMITS, layer: { "shed.limit": 100 + criticals } };
  return { typeUrl: RUNTIME_TYPE, name: LIMITS, value: encodeJson(RUNTIME_TYPE, json) };
}

const xds = createXdsServer({
  nodeKey: (node) => node.cluster,
  onEvent: ({ kind }) => {
    if (kind === "connected") connected += 1;
  },
});

const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
lag.enable();

function publishFront(): void {
  xds.setSnapshot(FRONT, createSnapshot([...clusters, limits()]));
}

function publishAll(): void {
  xds.setSnapshot(FLEET, createSnapshot(clusters));
  publishFront();
}

function answer(word: string): string {
  switch (word) {
    case "push":
      pushes += 1;
      clusters[pushes % CLUSTERS] = cluster(pushes % CLUSTERS, pushes);
      publishAll();
      return "ok";
    case "critical":
      criticals += 1;
      publishFront();
      return "ok";
    case "count":
      return String(connected);
    case "lag": {
      const p99Ms = lag.percentile(99) / 1e6;
      lag.reset();
      return p99Ms.toFixed(1);
    }
    default:
      return `no command ${word}`;
  }
}

publishAll();
const ports = { xds: await xds.listen("127.0.0.1:0"), control: await answerControl(answer) };
process.send?.(ports);
process.once("disconnect", () => process.exit(0));
