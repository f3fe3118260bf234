import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createSnapshot,
  createXdsServer,
  type Resource,
  type XdsEvent,
  type XdsServer,
} from "../../src/xds/server.ts";
import { until } from "../support/mesh.ts";
import { type ApiType, XdsEnvoy } from "../support/xds-envoy.ts";
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
  private running: XdsEnvoy | undefined;
  private xdsPort = 0;

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

  async startEnvoy(apiType: ApiType): Promise<void> {
    this.running = await XdsEnvoy.start({ apiType, xdsPort: this.xdsPort });
  }

  get envoy(): XdsEnvoy {
    assert.ok(this.running);
    return this.running;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.stopXds();
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

      await mesh.envoy.answers("web", "/", "200 hi");
      await mesh.envoy.answers("web", "/shop", "200 backend");

      const order = ["Cluster", "ClusterLoadAssignment", "Listener", "RouteConfiguration"];
      assert.deepEqual(mesh.sentTypes(), order);
      assert.deepEqual(mesh.typeStates(), Object.fromEntries(order.map((t) => [t, "SYNCED"])));
    });

    it("makes a new cluster before its route and breaks the old one after it, without a failed request", async () => {
      await mesh.publish([...base(), shopRoutes()]);
      await mesh.startEnvoy(apiType);
      await mesh.envoy.answers("web", "/shop", "200 backend");
      mesh.events.length = 0;

      await mesh.publish([
        cluster("shop-2"),
        endpoints("shop-2", port),
        listener("web", { route: "all" }),
        routes("all", [clusterRoute("/shop", "shop-2")]),
      ]);
      const answers = new Set<string | undefined>();
      await until("the old cluster to go", async () => {
        answers.add(await mesh.envoy.get("web", "/shop"));
        return !(await mesh.envoy.admin("/clusters")).includes("shop::");
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

      await mesh.envoy.answers("web", "/", "200 hi");
      await until("the rejection", async () => mesh.rejections().length === 1);

      const [rejection] = mesh.rejections();
      assert.equal(rejection?.name, "bad");
      assert.match(rejection?.message ?? "", /Duration/);
      assert.equal(mesh.typeStates().Listener, "REJECTED");
      await until("the routes", async () => mesh.typeStates().RouteConfiguration === "SYNCED");

      await mesh.publish([...base(), listener("bad", { route: "all" }), shopRoutes()]);
      await mesh.envoy.answers("bad", "/", "200 hi");
      await until("all types to be SYNCED", async () =>
        Object.values(mesh.typeStates()).every((state) => state === "SYNCED"),
      );
    });

    it("serves on while the control plane is away and catches up with the one change after it", async () => {
      await mesh.publish([...base(), shopRoutes()]);
      await mesh.startEnvoy(apiType);
      await mesh.envoy.answers("web", "/", "200 hi");
      mesh.stopXds();
      mesh.events.length = 0;
      assert.equal(await mesh.envoy.get("web", "/"), "200 hi");

      await mesh.publish([...base(), shopRoutes()]);
      await until("all types to be SYNCED", async () => {
        const states = Object.values(mesh.typeStates());
        return states.length === 4 && states.every((state) => state === "SYNCED");
      });
      if (apiType === "DELTA_GRPC") assert.deepEqual(mesh.sentTypes(), []);
      mesh.events.length = 0;

      await mesh.publish([...base(), routes("all", [directRoute("/", "changed")])]);
      await mesh.envoy.answers("web", "/", "200 changed");
      assert.deepEqual(mesh.sentTypes(), ["RouteConfiguration"]);
    });
  });
}
