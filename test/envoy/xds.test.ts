import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import {
  createSnapshot,
  createXdsServer,
  type Resource,
  type XdsEvent,
  type XdsServer,
} from "../../src/xds/server.ts";
import {
  cluster,
  clusterRoute,
  directRoute,
  endpoints,
  listener,
  routes,
} from "../xds/fixtures.ts";

/** One real Envoy 1.40 against the xDS server, for both forms of the protocol over the aggregated service. */
const BAD_FILTER = {
  name: "lua",
  typed_config: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" },
};

class Mesh {
  readonly events: XdsEvent[] = [];
  private xds: XdsServer | undefined;
  private envoy: ChildProcess | undefined;
  private folder = "";
  private adminUrl = "";
  xdsPort = 0;

  async publish(resources: readonly Resource[]): Promise<void> {
    if (this.xds === undefined) {
      this.xds = createXdsServer({ onEvent: (event) => this.events.push(event) });
      this.xds.setSnapshot("edge-1", createSnapshot(resources));
      this.xdsPort = await this.xds.listen(`127.0.0.1:${this.xdsPort}`);
    }
    this.xds.setSnapshot("edge-1", createSnapshot(resources));
  }

  stopXds(): void {
    this.xds?.stop();
    this.xds = undefined;
  }

  async startEnvoy(apiType: "DELTA_GRPC" | "GRPC"): Promise<void> {
    const path = await envoyPath();
    this.folder = await mkdtemp(join(tmpdir(), "qmesh-xds-"));
    const adminFile = join(this.folder, "admin");
    const config = JSON.stringify(bootstrap(apiType, this.xdsPort));
    const args = ["--config-yaml", config, "--admin-address-path", adminFile, "-l", "warning"];
    args.push("--disable-hot-restart", "--concurrency", "1");
    this.envoy = spawn(path, args, { stdio: ["ignore", "ignore", "inherit"] });
    await until("the admin address", async () => {
      this.adminUrl = `http://${await readFile(adminFile, "utf8").catch(() => "")}`;
      return this.adminUrl.length > "http://".length;
    });
  }

  async stop(): Promise<void> {
    if (this.envoy !== undefined && this.envoy.exitCode === null) {
      this.envoy.kill("SIGKILL");
      await once(this.envoy, "exit");
    }
    this.stopXds();
    if (this.folder !== "") await rm(this.folder, { recursive: true });
  }

  async admin(path: string): Promise<string> {
    return (await fetch(`${this.adminUrl}${path}`)).text();
  }

  /** Status and body behind the listener, or undefined while it does not listen. */
  async get(listenerName: string, path: string): Promise<string | undefined> {
    const { listener_statuses: listeners = [] } = JSON.parse(
      await this.admin("/listeners?format=json"),
    ) as { listener_statuses?: { name: string; local_address: Socket }[] };
    const found = listeners.find(({ name }) => name === listenerName);
    if (found === undefined) return undefined;
    const { address, port_value } = found.local_address.socket_address;
    const response = await fetch(`http://${address}:${port_value}${path}`);
    return `${response.status} ${await response.text()}`;
  }

  answers(listenerName: string, path: string, expected: string): Promise<void> {
    return until(`${listenerName}${path} to answer ${expected}`, async () => {
      return (await this.get(listenerName, path)) === expected;
    });
  }

  typeStates(): Record<string, string> {
    const [node] = this.xds?.status() ?? [];
    return Object.fromEntries(
      (node?.types ?? []).map(({ typeUrl, state }) => [typeUrl.split(".").at(-1) ?? "", state]),
    );
  }

  rejections() {
    const types = this.xds?.status().flatMap((node) => node.types) ?? [];
    return types.flatMap(({ rejections }) => rejections);
  }

  sentTypes(): string[] {
    return this.events.flatMap((event) =>
      event.kind === "sent" ? [event.typeUrl.split(".").at(-1) ?? ""] : [],
    );
  }
}

interface Socket {
  socket_address: { address: string; port_value: number };
}

function bootstrap(apiType: string, port: number): object {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  const http2 = {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  };
  const source = { ads: {}, resource_api_version: "V3" };
  return {
    node: { id: "edge-1", cluster: "edge", metadata: { qmesh: { role: "gateway" } } },
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
    static_resources: {
      clusters: [
        {
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
        },
      ],
    },
  };
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await isTrue().catch(() => false)) return;
    await delay(50);
  }
  assert.fail(`waited 10 s for ${what}`);
}

for (const apiType of ["DELTA_GRPC", "GRPC"] as const) {
  describe(`a real Envoy over ADS, ${apiType}`, () => {
    let mesh: Mesh;
    let backend: HttpServer;
    let port: number;

    beforeEach(async () => {
      mesh = new Mesh();
      backend = createServer((_request, response) => response.end("backend"));
      backend.listen(0, "127.0.0.1");
      await once(backend, "listening");
      ({ port } = backend.address() as AddressInfo);
    });

    afterEach(async () => {
      await mesh.stop();
      backend.closeAllConnections();
      backend.close();
    });

    const base = () => [
      cluster("shop"),
      endpoints("shop", port),
      listener("web", { route: "all" }),
    ];
    const shopRoutes = () => routes("all", [clusterRoute("/shop", "shop"), directRoute("/", "hi")]);

    it("gets cluster, endpoints, listener and route in this order, and answers 200 through them", async () => {
      await mesh.publish([...base(), shopRoutes()]);
      await mesh.startEnvoy(apiType);

      await mesh.answers("web", "/", "200 hi");
      await mesh.answers("web", "/shop", "200 backend");

      const order = ["Cluster", "ClusterLoadAssignment", "Listener", "RouteConfiguration"];
      assert.deepEqual(mesh.sentTypes(), order);
      assert.deepEqual(mesh.typeStates(), Object.fromEntries(order.map((t) => [t, "SYNCED"])));
    });

    it("makes a new cluster before its route and breaks the old one after it, without a failed request", async () => {
      await mesh.publish([...base(), shopRoutes()]);
      await mesh.startEnvoy(apiType);
      await mesh.answers("web", "/shop", "200 backend");
      mesh.events.length = 0;

      await mesh.publish([
        cluster("shop-2"),
        endpoints("shop-2", port),
        listener("web", { route: "all" }),
        routes("all", [clusterRoute("/shop", "shop-2")]),
      ]);
      const answers = new Set<string | undefined>();
      await until("the old cluster to go", async () => {
        answers.add(await mesh.get("web", "/shop"));
        return !(await mesh.admin("/clusters")).includes("shop::");
      });

      assert.deepEqual([...answers], ["200 backend"]);
      assert.deepEqual(mesh.sentTypes().slice(0, 4), [
        "Cluster",
        "ClusterLoadAssignment",
        "RouteConfiguration",
        "Cluster",
      ]);
    });

    it("refuses one bad listener of two, which is shown by name, while the good one serves", async () => {
      const bad = listener("bad", { route: "all", filter: BAD_FILTER });
      await mesh.publish([...base(), bad, shopRoutes()]);
      await mesh.startEnvoy(apiType);

      await mesh.answers("web", "/", "200 hi");
      await until("the rejection", async () => mesh.rejections().length === 1);

      const [rejection] = mesh.rejections();
      assert.equal(rejection?.name, "bad");
      assert.match(rejection?.message ?? "", /Duration/);
      assert.equal(mesh.typeStates().Listener, "REJECTED");
      assert.equal(mesh.typeStates().RouteConfiguration, "SYNCED");

      await mesh.publish([...base(), listener("bad", { route: "all" }), shopRoutes()]);
      await mesh.answers("bad", "/", "200 hi");
      await until("all types to be SYNCED", async () =>
        Object.values(mesh.typeStates()).every((state) => state === "SYNCED"),
      );
    });

    it("serves on while the control plane is away and catches up with the one change after it", async () => {
      await mesh.publish([...base(), shopRoutes()]);
      await mesh.startEnvoy(apiType);
      await mesh.answers("web", "/", "200 hi");
      mesh.stopXds();
      mesh.events.length = 0;
      assert.equal(await mesh.get("web", "/"), "200 hi");

      await mesh.publish([...base(), shopRoutes()]);
      await until("all types to be SYNCED", async () => {
        const states = Object.values(mesh.typeStates());
        return states.length === 4 && states.every((state) => state === "SYNCED");
      });
      if (apiType === "DELTA_GRPC") assert.deepEqual(mesh.sentTypes(), []);
      mesh.events.length = 0;

      await mesh.publish([...base(), routes("all", [directRoute("/", "changed")])]);
      await mesh.answers("web", "/", "200 changed");
      assert.deepEqual(mesh.sentTypes(), ["RouteConfiguration"]);
    });
  });
}
