import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import { until } from "./mesh.ts";

/** A real Envoy `edge-1` that asks an xDS server over ADS for clusters and listeners, and nothing else in between. */
export type ApiType = "DELTA_GRPC" | "GRPC";

export interface XdsEnvoyOptions {
  readonly apiType: ApiType;
  readonly xdsPort: number;
  /** Name of a runtime layer to be asked for. */
  readonly layer?: string;
}

interface Socket {
  readonly socket_address: { readonly address: string; readonly port_value: number };
}

export class XdsEnvoy {
  private constructor(
    private readonly child: ChildProcess,
    private readonly adminUrl: string,
  ) {}

  static async start(options: XdsEnvoyOptions): Promise<XdsEnvoy> {
    const adminFile = join(temporaryFolder(), "admin");
    const config = JSON.stringify(bootstrap(options));
    const args = ["--config-yaml", config, "--admin-address-path", adminFile, "-l", "warning"];
    args.push("--disable-hot-restart", "--concurrency", "1");
    const log = process.env.QMESH_TEST_VERBOSE ? "inherit" : "ignore";
    const child = spawn(await envoyPath(), args, { stdio: ["ignore", "ignore", log] });
    const address = await until("the admin address", async () => {
      return (await readFile(adminFile, "utf8").catch(() => "")) || undefined;
    });
    return new XdsEnvoy(child, `http://${address}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    }
  }

  async admin(path: string): Promise<string> {
    return (await fetch(`${this.adminUrl}${path}`)).text();
  }

  /** The port a listener took; undefined while it does not listen. */
  async port(listenerName: string): Promise<number | undefined> {
    const { listener_statuses: listeners = [] } = JSON.parse(
      await this.admin("/listeners?format=json"),
    ) as { listener_statuses?: { name: string; local_address: Socket }[] };
    const found = listeners.find(({ name }) => name === listenerName);
    return found?.local_address.socket_address.port_value;
  }

  /** Status and body behind the listener; undefined while it does not listen. */
  async get(listenerName: string, path: string): Promise<string | undefined> {
    const port = await this.port(listenerName);
    if (port === undefined) return undefined;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${await response.text()}`;
  }

  async answers(listenerName: string, path: string, expected: string): Promise<void> {
    await until(`${listenerName}${path} to answer ${expected}`, async () => {
      return (await this.get(listenerName, path)) === expected;
    });
  }
}

function bootstrap({ apiType, xdsPort, layer }: XdsEnvoyOptions): object {
  const source = { ads: {}, resource_api_version: "V3" };
  return {
    node: {
      id: "edge-1",
      cluster: "edge",
      metadata: { qmesh: { role: "gateway" } },
      // Envoy can, but says only what its operator says.
      client_features: ["xds.config.supports-resource-ttl", "xds.config.supports-resource-in-sotw"],
    },
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
    dynamic_resources: {
      ads_config: {
        api_type: apiType,
        transport_api_version: "V3",
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: "xds",
              retry_policy: { retry_back_off: { base_interval: "0.05s", max_interval: "0.2s" } },
            },
          },
        ],
      },
      cds_config: source,
      lds_config: source,
    },
    ...(layer !== undefined && {
      layered_runtime: {
        layers: [{ name: layer, rtds_layer: { name: layer, rtds_config: source } }],
      },
    }),
    static_resources: { clusters: [xdsCluster(xdsPort)] },
  };
}

function xdsCluster(port: number): object {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  const http2 = {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  };
  return {
    name: "xds",
    type: "STATIC",
    connect_timeout: "1s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2,
    },
    load_assignment: {
      cluster_name: "xds",
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
}
