import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  type ServiceError,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { Identities } from "../support/identities.ts";
import { kill, until } from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";

const MAIN = join(projectRoot, "dist/src/main.js");
const INTENT = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: qmesh, listeners: [{name: http, protocol: HTTP, port: 8000}]}
`;

interface Served {
  readonly child: ChildProcess;
  readonly ports: { readonly xds: number; readonly rateLimit: number };
  /** Lines of its log. */
  readonly log: readonly {
    readonly level: string;
    readonly msg: string;
    readonly reason?: string;
  }[];
}

/** Resolves to what it wrote on stderr instead if it ended without ports. */
async function serve(folder: string, flags: readonly string[]): Promise<Served | string> {
  const child = spawn(process.execPath, [
    ...[MAIN, "serve", "--config", folder, "--data", join(folder, ".state")],
    ...["--http", "127.0.0.1:0", "-o", "json", ...flags],
  ]);
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      child,
      ports: JSON.parse(line),
      get log() {
        return lines.filter((each) => each.startsWith("{")).map((each) => JSON.parse(each));
      },
    };
  }
  if (child.exitCode === null) await once(child, "exit");
  return lines.join("\n");
}

const same = (bytes: Buffer) => bytes;
const node = { id: "edge-1", metadata: { qmesh: { role: "gateway", name: "edge" } } };

/** Each resolves to the status of its call; OK: the control plane answered, or took the report. */
const SERVICES = {
  ADS: (client: Client) =>
    firstOf(
      client.makeBidiStreamRequest(
        "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
        ...([same, same] as const),
      ),
      encode("envoy.service.discovery.v3.DeltaDiscoveryRequest", { node, type_url: CLUSTER_TYPE }),
    ),
  "load reports": (client: Client) =>
    firstOf(
      client.makeBidiStreamRequest(
        "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats",
        ...([same, same] as const),
      ),
      encode("envoy.service.load_stats.v3.LoadStatsRequest", { node }),
    ),
  metrics: (client: Client) =>
    report(
      client,
      "/envoy.service.metrics.v3.MetricsService/StreamMetrics",
      "envoy.service.metrics.v3.StreamMetricsMessage",
    ),
  "access logs": (client: Client) =>
    report(
      client,
      "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs",
      "envoy.service.accesslog.v3.StreamAccessLogsMessage",
    ),
  "rate limit": (client: Client) =>
    new Promise<StatusObject>((resolve) => {
      const entries = [{ key: "qmesh_limit", value: "any" }];
      const request = { domain: "qmesh", descriptors: [{ entries }] };
      client.makeUnaryRequest(
        "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
        ...([same, same] as const),
        encode("envoy.service.ratelimit.v3.RateLimitRequest", request),
        (error) => resolve(toStatus(error)),
      );
    }),
} as const;
type Service = keyof typeof SERVICES;
const ALL = Object.keys(SERVICES) as Service[];

function encode(type: string, json: object): Buffer {
  return Buffer.from(encodeJson(type, { ...json }));
}

function toStatus(error: ServiceError | null): StatusObject {
  return { code: status.OK, details: "", ...error } as StatusObject;
}

function firstOf(call: ClientDuplexStream<Buffer, Buffer>, request: Buffer): Promise<StatusObject> {
  return new Promise((resolve) => {
    call.on("data", () => {
      resolve(toStatus(null));
      call.cancel();
    });
    call.on("error", (error: ServiceError) => resolve(toStatus(error)));
    call.write(request);
  });
}

function report(client: Client, path: string, type: string): Promise<StatusObject> {
  return new Promise((resolve) => {
    const call = client.makeClientStreamRequest(path, same, same, (error) =>
      resolve(toStatus(error)),
    );
    call.on("error", () => undefined);
    call.write(encode(type, { identifier: { node } }));
    call.end();
  });
}

describe("the ports for Envoys", () => {
  let folder: string;
  let ours: Identities;
  let theirs: Identities;

  before(() => {
    folder = temporaryFolder();
    writeFileSync(join(folder, "intent.yaml"), INTENT);
    ours = new Identities();
    theirs = new Identities();
  });

  describe("with certificates", () => {
    let served: Served;

    before(async () => {
      const flags = ["--certs", ours.folder, "--xds", "127.0.0.1:0", "--rate-limit", "127.0.0.1:0"];
      const result = await serve(folder, flags);
      assert.ok(typeof result !== "string", String(result));
      served = result;
    });
    after(() => kill(served?.child));

    const edge1 = () => ours.node("edge-1");
    const CALLERS: readonly {
      readonly name: string;
      readonly as: () => ChannelCredentials;
      readonly code: status;
      /** In the log; of a call that was let in also in its status. */
      readonly says?: string;
      readonly to?: readonly Service[];
    }[] = [
      {
        name: "plaintext",
        as: () => credentials.createInsecure(),
        code: status.UNAVAILABLE,
        says: "it speaks plaintext, as a bootstrap made without --certs does",
      },
      {
        name: "no certificate",
        as: () => ours.client(),
        code: status.UNAVAILABLE,
        says: "it showed no certificate",
      },
      {
        name: "a certificate of another authority of the same name",
        as: () => ours.client(theirs.sign(edge1())),
        code: status.UNAVAILABLE,
        says: "its certificate is of another authority",
      },
      {
        name: "an expired certificate",
        as: () => ours.client(ours.sign(edge1(), { from: -2, to: -1 })),
        code: status.UNAVAILABLE,
        says: "its certificate has expired",
      },
      {
        name: "a certificate that is not valid yet",
        as: () => ours.client(ours.sign(edge1(), { from: 1, to: 2 })),
        code: status.UNAVAILABLE,
        says: "its certificate is not valid yet",
      },
      {
        name: "a certificate of another trust domain",
        as: () => ours.client(ours.sign(edge1(), { trustDomain: "other.example" })),
        code: status.PERMISSION_DENIED,
        says: "the certificate is for spiffe://other.example/gateway/edge/node/edge-1, and this mesh is shop.example",
      },
      {
        name: "the certificate of another node",
        as: () => ours.client(ours.sign(ours.node("edge-2"))),
        code: status.PERMISSION_DENIED,
        says: 'the certificate is for node edge-2, not for "edge-1"',
        to: ["ADS", "metrics", "load reports", "access logs"],
      },
      {
        name: "the certificate of another node, for which limits are no other",
        as: () => ours.client(ours.sign(ours.node("edge-2"))),
        code: status.OK,
        to: ["rate limit"],
      },
      {
        name: "the certificate of a node that runs another role",
        as: () => ours.client(ours.sign(ours.node("edge-1", "inner"))),
        code: status.PERMISSION_DENIED,
        says: 'the certificate is for gateway/inner, and the node says it runs "gateway/edge"',
        to: ["ADS"],
      },
      {
        name: "the certificate of no node",
        as: () => ours.client(ours.sign({ kind: "role", role: { role: "gateway", name: "edge" } })),
        code: status.PERMISSION_DENIED,
        says: "the certificate is for no node",
      },
      {
        name: "its own certificate",
        as: () => ours.client(ours.sign(edge1())),
        code: status.OK,
      },
    ];

    for (const { name, as, code, says, to = ALL } of CALLERS) {
      for (const service of to) {
        it(`answer ${status[code]} to node edge-1 on ${service} with ${name}`, async () => {
          const port = service === "rate limit" ? served.ports.rateLimit : served.ports.xds;
          const client = new Client(`127.0.0.1:${port}`, as());
          const logged = served.log.length;

          const given = await SERVICES[service](client);
          client.close();

          assert.equal(status[given.code], status[code], given.details);
          if (code === status.PERMISSION_DENIED) assert.equal(given.details, says);
          if (says === undefined) return;
          await until(
            `the log to say that ${says}`,
            () =>
              served.log
                .slice(logged)
                .some(
                  (line) =>
                    line.level === "warn" &&
                    JSON.stringify(line).includes(JSON.stringify(says).slice(1, -1)),
                ) || undefined,
          );
        });
      }
    }

    for (const [who, as, code] of [
      ["a node", () => edge1(), status.PERMISSION_DENIED],
      ["an operator", () => ({ kind: "operator", name: "alice" }) as const, status.OK],
    ] as const) {
      it(`answer ${status[code]} to ${who} on the client status`, async () => {
        const client = new Client(`127.0.0.1:${served.ports.xds}`, ours.client(ours.sign(as())));
        const given = await new Promise<StatusObject>((resolve) => {
          client.makeUnaryRequest(
            "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
            ...([same, same] as const),
            Buffer.alloc(0),
            (error) => resolve(toStatus(error)),
          );
        });
        client.close();

        assert.equal(status[given.code], status[code], given.details);
      });
    }
  });

  const OPEN = ["--xds", "0.0.0.0:0", "--rate-limit", "127.0.0.1:0"];

  it("are not opened in plaintext beyond loopback: one sentence", async () => {
    const said = await serve(folder, OPEN);

    assert.equal(
      said,
      "--xds 0.0.0.0:0 is not loopback, and without certificates anybody there could pass for an Envoy: make some by qmesh certs init and give them by --certs DIR, or insist by --insecure-plaintext.",
    );
  });

  it("are opened in plaintext beyond loopback for who insists, with a warning in the log", async () => {
    const served = await serve(folder, [...OPEN, "--insecure-plaintext"]);
    assert.ok(typeof served !== "string", String(served));

    const client = new Client(`127.0.0.1:${served.ports.xds}`, credentials.createInsecure());
    const given = await SERVICES.ADS(client);
    client.close();
    await kill(served.child);

    assert.equal(given.code, status.OK);
    assert.ok(served.log.some(({ msg }) => msg.startsWith("plaintext beyond loopback")));
  });
});
