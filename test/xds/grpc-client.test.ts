import assert from "node:assert/strict";
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "../../src/proto/type-url.ts";
import {
  createSnapshot,
  createXdsServer,
  encodeJson,
  type Resource,
  type XdsServer,
} from "../../src/xds/server.ts";

/**
 * A client that is not Envoy and not ours: gRPC's own, which resolves `xds:///shop` over state-of-the-world ADS and asks for
 * every resource by name, listeners and clusters too.
 */
const PATH = "/shop.Shop/Which";
/** Per channel; the environment variable is read once per process. */
const BOOTSTRAP_OPTION = "grpc.TEST_ONLY_DO_NOT_USE_IN_PROD.xds_bootstrap_config";
const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";
const ADS = { ads: {}, resource_api_version: "V3" };

function encode(typeUrl: string, name: string, json: Parameters<typeof encodeJson>[1]): Resource {
  return { typeUrl, name, value: encodeJson(typeUrl, json) };
}

function shop(cluster: string, port: number, lbPolicy = "ROUND_ROBIN"): readonly Resource[] {
  const manager = {
    "@type": `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
    rds: { route_config_name: "routes", config_source: ADS },
    http_filters: [
      { name: "router", typed_config: { "@type": `${EXTENSIONS}.http.router.v3.Router` } },
    ],
  };
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return [
    encode(LISTENER_TYPE, "shop", { name: "shop", api_listener: { api_listener: manager } }),
    encode(ROUTE_TYPE, "routes", {
      name: "routes",
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "" }, route: { cluster } }] },
      ],
    }),
    encode(CLUSTER_TYPE, cluster, {
      name: cluster,
      type: "EDS",
      lb_policy: lbPolicy,
      eds_cluster_config: { eds_config: ADS },
    }),
    encode(ENDPOINT_TYPE, cluster, {
      cluster_name: cluster,
      endpoints: [
        {
          locality: { region: "here" },
          load_balancing_weight: 1,
          lb_endpoints: [{ endpoint: { address } }],
        },
      ],
    }),
  ];
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setImmediate(resolve));
}

describe("gRPC's own xDS client", () => {
  let xds: XdsServer;
  let client: Client;
  let backends: Server[];

  beforeEach(() => {
    backends = [];
    xds = createXdsServer();
  });

  afterEach(() => {
    client.close();
    xds.stop();
    for (const backend of backends) backend.forceShutdown();
  });

  /** A server whose every answer is its name. */
  async function backend(name: string): Promise<number> {
    const server = new Server();
    backends.push(server);
    const bytes = (value: Buffer) => value;
    const method = { path: PATH, requestStream: false, responseStream: false };
    const codecs = { requestSerialize: bytes, requestDeserialize: bytes };
    const answers = { responseSerialize: bytes, responseDeserialize: bytes };
    server.addService(
      { Which: { ...method, ...codecs, ...answers } },
      {
        Which: (_call: unknown, done: (e: null, v: Buffer) => void) =>
          done(null, Buffer.from(name)),
      },
    );
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  async function connect(): Promise<void> {
    const port = await xds.listen("127.0.0.1:0");
    const creds = [{ type: "insecure" }];
    const xds_servers = [
      { server_uri: `127.0.0.1:${port}`, channel_creds: creds, server_features: ["xds_v3"] },
    ];
    const node = { id: "grpc-1", locality: {} };
    const bootstrap = { xds_servers, node };
    register();
    client = new Client("xds:///shop", credentials.createInsecure(), {
      [BOOTSTRAP_OPTION]: JSON.stringify(bootstrap),
    });
  }

  function which(): Promise<string> {
    const bytes = (value: Buffer) => value;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(PATH, bytes, bytes, Buffer.from(""), (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      );
    });
  }

  function states(): Record<string, string> {
    const types = xds.status()[0]?.types ?? [];
    return Object.fromEntries(types.map(({ typeUrl, state }) => [typeUrl, state]));
  }

  it("statement 5, 17, 35, 40 (S): resolves, follows a move to another cluster, and lives through a refused one without a failed call", async () => {
    const [blue, green] = [await backend("blue"), await backend("green")];
    xds.setSnapshot("grpc-1", createSnapshot(shop("blue", blue)));
    await connect();
    assert.equal(await which(), "blue");
    await until(() => Object.values(states()).every((state) => state === "SYNCED"));
    assert.equal(Object.keys(states()).length, 4);

    xds.setSnapshot("grpc-1", createSnapshot(shop("green", green)));
    await until(async () => (await which()) === "green");

    xds.setSnapshot("grpc-1", createSnapshot(shop("green", green, "MAGLEV")));
    await until(() => states()[CLUSTER_TYPE] === "REJECTED");
    const [rejection] = xds.status()[0]!.types.flatMap(({ rejections }) => rejections);
    assert.equal(rejection?.name, "green");
    assert.match(rejection?.message ?? "", /MAGLEV|lb_policy|load balancing/i);
    assert.equal(await which(), "green");

    xds.setSnapshot("grpc-1", createSnapshot(shop("blue", blue)));
    await until(async () => (await which()) === "blue");
    await until(() => Object.values(states()).every((state) => state === "SYNCED"));
  });
});
