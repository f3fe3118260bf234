import assert from "node:assert/strict";
import {
  type Client,
  type ClientDuplexStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { protoRoot } from "../../src/proto/bundle.ts";
import { decodeJson } from "../../src/proto/decode-json.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { loadService } from "../../src/proto/service.ts";
import { CLUSTER_TYPE, SECRET_TYPE } from "../../src/proto/type-url.ts";
import {
  addClientStatusService,
  createSnapshot,
  type NodeStatus,
  type TypeStatus,
} from "../../src/xds/server.ts";

const PACKAGE = "envoy.service.status.v3";
const SERVICE = `${PACKAGE}.ClientStatusDiscoveryService`;

const cluster = (name: string) => ({
  typeUrl: CLUSTER_TYPE,
  name,
  value: encodeJson(CLUSTER_TYPE, { name, connect_timeout: "1s" }),
});
const SNAPSHOT = createSnapshot([
  cluster("a"),
  cluster("b"),
  { typeUrl: SECRET_TYPE, name: "key", value: encodeJson(SECRET_TYPE, { name: "key" }) },
]);
const versionOf = (name: string) =>
  SNAPSHOT.types.get(CLUSTER_TYPE)?.resources.get(name)?.version ?? "";

function type(state: TypeStatus["state"], parts: Partial<TypeStatus> = {}): TypeStatus {
  return { typeUrl: CLUSTER_TYPE, state, rejections: [], ...parts };
}

function node(nodeId: string, types: readonly TypeStatus[], key = "edge"): NodeStatus {
  return {
    nodeId,
    key,
    node: {
      id: nodeId,
      cluster: "edge",
      metadata: { qmesh: { role: "gateway" } },
      locality: { region: "eu", zone: "a", subZone: "" },
      clientFeatures: [],
      userAgent: "envoy",
    },
    streams: 1,
    isConnected: true,
    sinceMs: 0,
    types,
  };
}

/** As JSON, so that a test reads like the protocol's documentation. */
interface Config {
  readonly node: { readonly id: string; readonly metadata: unknown };
  readonly generic_xds_configs?: readonly {
    readonly name: string;
    readonly version_info: string;
    readonly config_status?: string;
    readonly client_status?: string;
    readonly xds_config?: { readonly name: string };
    readonly error_state?: { readonly details: string };
  }[];
}

describe("client status discovery service", () => {
  let server: Server;
  let client: Client;
  let nodes: NodeStatus[];

  before(async () => {
    server = new Server();
    addClientStatusService(server, {
      status: () => nodes,
      getSnapshot: (key) => (key === "edge" ? SNAPSHOT : undefined),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const raw = Object.fromEntries(
      Object.entries(loadService(SERVICE)).map(([name, method]) => [
        name,
        {
          ...method,
          requestSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      ]),
    );
    const Constructor = makeGenericClientConstructor(raw, "ClientStatus");
    client = new Constructor(`127.0.0.1:${port}`, credentials.createInsecure());
  });
  beforeEach(() => {
    nodes = [node("edge-1", [type("SYNCED")])];
  });
  after(() => {
    client.close();
    server.forceShutdown();
  });

  function toBytes(request: object): Buffer {
    const message = protoRoot().lookupType(`${PACKAGE}.ClientStatusRequest`);
    return Buffer.from(message.encode(message.fromObject(request)).finish());
  }

  function read(bytes: Uint8Array): Config[] {
    const { config = [] } = decodeJson(`${PACKAGE}.ClientStatusResponse`, bytes) as {
      config?: Config[];
    };
    return config;
  }

  function ask(request: object | Buffer = {}): Promise<Config[]> {
    const bytes = Buffer.isBuffer(request) ? request : toBytes(request);
    const { FetchClientStatus } = client as unknown as { FetchClientStatus: Fetch };
    return new Promise((resolve, reject) => {
      FetchClientStatus.call(client, bytes, (error, answer) =>
        error === null ? resolve(read(answer)) : reject(error),
      );
    });
  }

  const statuses = async () => {
    const [config] = await ask();
    return (config?.generic_xds_configs ?? []).map(
      ({ name, config_status = "UNKNOWN", client_status = "UNKNOWN" }) =>
        `${name} ${config_status} ${client_status}`,
    );
  };

  it("tells who the node is, and each resource with its version and content", async () => {
    const [config] = await ask();

    assert.equal(config?.node.id, "edge-1");
    assert.deepEqual(config?.node.metadata, { qmesh: { role: "gateway" } });
    assert.deepEqual(
      config?.generic_xds_configs?.map((each) => [each.version_info, each.xds_config?.name]),
      [
        [versionOf("a"), "a"],
        [versionOf("b"), "b"],
      ],
    );
  });

  for (const [state, shown] of [
    ["SYNCED", "SYNCED ACKED"],
    ["STALE", "STALE REQUESTED"],
    ["NOT SENT", "NOT_SENT REQUESTED"],
  ] as const) {
    it(`shows 2 resources of a type that is ${state} as ${shown}`, async () => {
      nodes = [node("edge-1", [type(state)])];

      assert.deepEqual(await statuses(), [`a ${shown}`, `b ${shown}`]);
    });
  }

  it("shows the refused one of 2 as ERROR in the node's words, and the other as UNKNOWN", async () => {
    const refusal = { name: "b", version: versionOf("b"), message: "no such thing", sinceMs: 1 };
    const old = { name: "a", version: "older", message: "mended since", sinceMs: 1 };
    nodes = [node("edge-1", [type("REJECTED", { rejections: [old, refusal] })])];

    assert.deepEqual(await statuses(), ["a UNKNOWN UNKNOWN", "b ERROR NACKED"]);
    const [config] = await ask();
    assert.equal(config?.generic_xds_configs?.[1]?.error_state?.details, "no such thing");
  });

  it("leaves contents out where asked to, and a secret's always", async () => {
    nodes = [node("edge-1", [type("SYNCED"), type("SYNCED", { typeUrl: SECRET_TYPE })])];
    const contents = async (request: object) =>
      (await ask(request))[0]?.generic_xds_configs?.map(
        ({ name, xds_config }) => `${name} ${xds_config !== undefined}`,
      );

    assert.deepEqual(await contents({}), ["a true", "b true", "key false"]);
    assert.deepEqual(await contents({ exclude_resource_contents: true }), [
      "a false",
      "b false",
      "key false",
    ]);
  });

  it("shows a node of which no snapshot is there, without resources", async () => {
    nodes = [node("lost", [type("NOT SENT")], "elsewhere")];

    assert.deepEqual(
      (await ask()).map(({ node: { id }, generic_xds_configs: all }) => [id, all]),
      [["lost", undefined]],
    );
  });

  for (const [what, matchers, ids] of [
    ["none: all, by id", [], ["a-1", "a-2", "b-1"]],
    ["exact", [{ node_id: { exact: "a-2" } }], ["a-2"]],
    ["prefix, any case", [{ node_id: { prefix: "A-", ignore_case: true } }], ["a-1", "a-2"]],
    [
      "suffix or contains",
      [{ node_id: { suffix: "-2" } }, { node_id: { contains: "b" } }],
      ["a-2", "b-1"],
    ],
    ["an empty one: all", [{}], ["a-1", "a-2", "b-1"]],
    ["one that none fits", [{ node_id: { exact: "A-1" } }], []],
  ] as const) {
    it(`chooses nodes by matchers: ${what}`, async () => {
      nodes = ["b-1", "a-2", "a-1"].map((id) => node(id, []));

      const configs = await ask({ node_matchers: matchers });
      assert.deepEqual(
        configs.map((config) => config.node.id),
        ids,
      );
    });
  }

  for (const [what, request, sentence] of [
    [
      "metadata",
      { node_matchers: [{ node_metadatas: [{ path: [{ key: "a" }] }] }] },
      /node_metadatas are not supported/,
    ],
    [
      "a regular expression",
      { node_matchers: [{ node_id: { safe_regex: { regex: "a" } } }] },
      /must say one of exact/,
    ],
    ["bytes that are no request", Buffer.from([0x0a, 0x7f]), /no ClientStatusRequest/],
  ] as const) {
    it(`refuses ${what} with INVALID_ARGUMENT`, async () => {
      await assert.rejects(ask(request), (error: ServiceError) => {
        assert.equal(error.code, status.INVALID_ARGUMENT);
        assert.match(error.details, sentence);
        return true;
      });
    });
  }

  it("gives the contents of 100 nodes at once, of 101 only without contents", async () => {
    nodes = Array.from({ length: 101 }, (_, index) => node(`n${index}`, []));

    await assert.rejects(ask(), { code: status.RESOURCE_EXHAUSTED });
    assert.equal((await ask({ exclude_resource_contents: true })).length, 101);
    nodes.pop();
    assert.equal((await ask()).length, 100);
  });

  it("answers each of 2 requests of a stream as things are then, and ends it at a bad one", async () => {
    const { StreamClientStatus } = client as unknown as { StreamClientStatus: Stream };
    const stream = StreamClientStatus.call(client);
    const answers: Config[][] = [];
    const second = new Promise<void>((resolve) => {
      stream.on("data", (bytes: Uint8Array) => {
        answers.push(read(bytes));
        nodes = [node("edge-1", []), node("edge-2", [])];
        if (answers.length === 1) stream.write(toBytes({}));
        else resolve();
      });
    });
    const failed = new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    stream.write(toBytes({}));
    await second;
    stream.write(Buffer.from([0x0a, 0x7f]));

    assert.equal((await failed).code, status.INVALID_ARGUMENT);
    assert.deepEqual(
      answers.map((configs) => configs.length),
      [1, 2],
    );
  });
});

type Fetch = (
  bytes: Buffer,
  done: (error: ServiceError | null, answer: Uint8Array) => void,
) => void;
type Stream = () => ClientDuplexStream<Buffer, Uint8Array>;
