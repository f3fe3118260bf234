import { join } from "node:path";
import { temporaryFolder } from "../../../bench/temporary-folder.ts";
import { buildBootstrap } from "../../../src/cli/bootstrap.ts";
import { Children } from "../../../src/cli/children.ts";
import { peerCluster, peerListener } from "../../../src/cli/demo/peers.ts";
import { envoyPath } from "../../../src/cli/envoy-binary.ts";
import { type EnvoyProcess, startEnvoy } from "../../../src/cli/envoy-process.ts";
import { filterWasmPath } from "../../../src/cli/package-files.ts";
import { buildFilter } from "../../../src/resources/filter-config.ts";
import type { JsonObject } from "../../../src/resources/resource.ts";
import { Backend } from "../backend.ts";

/** One real Envoy, of 2 workers unless told otherwise, with the filter before a service, as the control plane would configure it. */
export interface FilterEnvoy {
  readonly envoy: EnvoyProcess;
  readonly port: number;
  readonly logFile: string;
  stop(): Promise<void>;
}

export async function startFilterEnvoy({
  wasm = filterWasmPath,
  serviceMs = 20,
  limit = { min: 4, max: 1000, initial: 16 },
  scope = {},
  bootstrap = {},
  concurrency = 2,
}: {
  /** Path of the module. */
  wasm?: string;
  serviceMs?: number;
  limit?: { min: number; max: number; initial: number };
  /** Further fields of the scope, in the filter's own terms. */
  scope?: JsonObject;
  /** Further fields of the bootstrap. */
  bootstrap?: JsonObject;
  concurrency?: number;
} = {}): Promise<FilterEnvoy> {
  const children = new Children();
  const backend = await Backend.start("ok", { delayMs: serviceMs });
  const { name, body } = buildFilter(filterConfig({ limit, ...scope }), wasm);
  const filter = { name, typed_config: body.typed_config as JsonObject };
  const folder = temporaryFolder();
  const listeners = [peerListener("edge", [filter])];
  const whole = { ...staticBootstrap([peerCluster(backend.port)], listeners), ...bootstrap };
  const envoy = await startStaticEnvoy(children, folder, whole, concurrency);
  const stop = async () => {
    await children.stop();
    backend.stop();
  };
  return {
    envoy,
    port: await envoy.listenerPort("edge"),
    logFile: join(folder, "faults.log"),
    stop,
  };
}

/** Its files and its log `faults.log` are in `folder`. */
export async function startStaticEnvoy(
  children: Children,
  folder: string,
  bootstrap: JsonObject,
  concurrency = 2,
): Promise<EnvoyProcess> {
  const binary = await envoyPath();
  return startEnvoy(children, { binary, folder, name: "faults", concurrency, bootstrap });
}

function filterConfig(fields: JsonObject): JsonObject {
  const header = (value: string) => [{ headers: [{ name: "x-criticality", value }] }];
  const scope = {
    name: "shop",
    mode: "ENFORCE",
    tiers: [
      { name: "critical", matches: header("critical") },
      { name: "default" },
      { name: "sheddable", matches: header("sheddable") },
    ],
    unmatched: 1,
    answer: { status: 429, retry_after: true },
  };
  return { format: 1, min_reader: 1, scopes: [{ ...scope, ...fields }] };
}

/** Everything static: no control plane, no statistics sent. */
export function staticBootstrap(clusters: JsonObject[], listeners: JsonObject[]): JsonObject {
  const {
    dynamic_resources: _ads,
    stats_sinks: _sinks,
    ...rest
  } = buildBootstrap({
    id: "faults",
    role: { role: "gateway", name: "faults" },
    xds: { host: "127.0.0.1", port: 1 },
    rateLimit: { host: "127.0.0.1", port: 1 },
    admin: { port: 0 },
    staticClusters: clusters,
    staticListeners: listeners,
  });
  return rest;
}
