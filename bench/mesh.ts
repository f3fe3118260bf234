import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBootstrap } from "../src/cli/bootstrap.ts";
import type { Children } from "../src/cli/children.ts";
import { type ControlPlane, startControlPlane } from "../src/cli/control-plane.ts";
import { demoIntent } from "../src/cli/demo/intent.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { type EnvoyProcess, startEnvoy } from "../src/cli/envoy-process.ts";
import type { JsonObject } from "../src/resources/resource.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A control plane in this process and a real Envoy with the demo's intent, beside static listeners of peers. */
export interface BenchMesh {
  readonly plane: ControlPlane;
  readonly envoy: EnvoyProcess;
  /** The intent directory, and the file in it. */
  readonly config: string;
  readonly file: string;
}

export async function startMesh(
  children: Children,
  options: {
    servicePort: number;
    staticClusters?: readonly JsonObject[];
    staticListeners?: readonly JsonObject[];
    concurrency?: number;
    /** Documents beside the demo's, each after a line `---`. */
    documents?: string;
    /** YAML below `spec` of the Shedding; absent: the demo's. */
    shedding?: string;
  },
): Promise<BenchMesh> {
  const folder = temporaryFolder();
  const config = join(folder, "intent");
  mkdirSync(config);
  const file = join(config, "shop.yaml");
  const { documents = "" } = options;
  writeFileSync(file, demoIntent(options.servicePort, options.shedding) + documents);
  const anywhere = { host: "127.0.0.1", port: 0 };
  const plane = await startControlPlane({
    config,
    data: join(folder, "state"),
    xds: anywhere,
    rateLimit: anywhere,
    http: anywhere,
    logLevel: "error",
  });
  const bootstrap = buildBootstrap({
    id: "edge-1",
    role: { role: "gateway", name: "edge" },
    xds: { host: "127.0.0.1", port: plane.ports.xds },
    rateLimit: { host: "127.0.0.1", port: plane.ports.rateLimit },
    admin: { port: 0 },
    staticClusters: options.staticClusters ?? [],
    staticListeners: options.staticListeners ?? [],
  });
  const binary = await envoyPath();
  const { concurrency = 2 } = options;
  const envoy = await startEnvoy(children, {
    binary,
    folder,
    name: "edge",
    bootstrap,
    concurrency,
  });
  return { plane, envoy, config, file };
}
