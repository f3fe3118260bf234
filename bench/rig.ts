import type { Children } from "../src/cli/children.ts";
import type { LoadOrder, LoadReport } from "../src/cli/demo/load.ts";
import {
  ADAPTIVE_DOCS,
  ADAPTIVE_TUNED,
  adaptiveConcurrency,
  peerCluster,
  peerListener,
} from "../src/cli/demo/peers.ts";
import { type DemoService, runLoad, startService } from "../src/cli/demo/run.ts";
import type { JsonObject } from "../src/resources/resource.ts";
import { type BenchMesh, startMesh } from "./mesh.ts";

/**
 * What the benchmarks of shedding have in common: a service of exactly known capacity behind one real Envoy with two
 * workers, reached through our listener or through a peer's.
 */
export const OURS = "quantum mesh";

/** HTTP filters of the peers by the name of their variant. */
export type Peers = Readonly<Record<string, readonly JsonObject[]>>;

export const FILTER_OFF: Peers = { "filter off": [] };

export const ADAPTIVE_BEST: Peers = {
  "adaptive_concurrency (tuned)": [adaptiveConcurrency(ADAPTIVE_TUNED)],
};

export const ADAPTIVE: Peers = {
  "adaptive_concurrency (docs)": [adaptiveConcurrency(ADAPTIVE_DOCS)],
  ...ADAPTIVE_BEST,
};

export interface Rig {
  readonly service: DemoService;
  readonly mesh: BenchMesh;
  portOf(variant: string): Promise<number>;
  /** Runs a load through a variant, the service's queue empty at its start. */
  run(
    variant: string,
    order: Omit<LoadOrder, "port">,
    onInterval?: (report: Extract<LoadReport, { kind: "interval" }>) => void,
  ): Promise<Extract<LoadReport, { kind: "done" }>>;
  stop(): Promise<void>;
}

export async function startRig(
  children: Children,
  options: {
    slots: number;
    slotMs: number;
    times?: "fixed" | "exponential";
    peers: Peers;
    /** YAML below `spec` of the Shedding; absent: the demo's. */
    shedding?: string;
  },
): Promise<Rig> {
  const service = await startService(children, options);
  const mesh = await startMesh(children, {
    ...options,
    servicePort: service.port,
    staticClusters: [peerCluster(service.port)],
    staticListeners: Object.entries(options.peers).map(([name, filters]) =>
      peerListener(name, filters),
    ),
  });
  const portOf = (variant: string) =>
    mesh.envoy.listenerPort(variant === OURS ? "edge_0" : variant);
  return {
    service,
    mesh,
    portOf,
    run: async (variant, order, onInterval) => {
      service.reset();
      return runLoad(children, { ...order, port: await portOf(variant) }, onInterval);
    },
    stop: async () => {
      await mesh.plane.stop();
      await children.stop();
    },
  };
}
