import assert from "node:assert/strict";
import {
  type Client,
  type ClientDuplexStream,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { AccessSample } from "../../src/evidence/access-samples.ts";
import type { LoadReport } from "../../src/evidence/load-reports.ts";
import { protoRoot } from "../../src/proto/bundle.ts";
import { loadService } from "../../src/proto/service.ts";
import { addAccessLogService } from "../../src/telemetry/access-log-service.ts";
import { addLoadStatsService } from "../../src/telemetry/load-stats-service.ts";

const LOADS = "envoy.service.load_stats.v3.LoadReportingService";
const LOGS = "envoy.service.accesslog.v3.AccessLogService";
const LOADS_MESSAGE = "envoy.service.load_stats.v3.LoadStatsRequest";
const LOGS_MESSAGE = "envoy.service.accesslog.v3.StreamAccessLogsMessage";

function encode(name: string, message: object): Buffer {
  const type = protoRoot().lookupType(name);
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}

const loadsOf = (node: object | undefined) =>
  encode(LOADS_MESSAGE, {
    ...(node !== undefined && { node }),
    cluster_stats: [
      {
        cluster_name: "shop.v1",
        load_report_interval: { seconds: 5, nanos: 500_000_000 },
        upstream_locality_stats: [
          {
            locality: { region: "eu", zone: "a" },
            total_issued_requests: 12,
            total_successful_requests: 9,
            total_error_requests: 2,
            total_requests_in_progress: 1,
          },
        ],
      },
    ],
  });

const logsOf = (node: object | undefined) =>
  encode(LOGS_MESSAGE, {
    ...(node !== undefined && { identifier: { node, log_name: "qmesh" } }),
    http_logs: {
      log_entry: [
        {
          common_properties: {
            upstream_cluster: "shop.v1",
            duration: { seconds: 1, nanos: 250_000_000 },
            upstream_remote_address: { socket_address: { address: "10.0.0.1", port_value: 8080 } },
            upstream_request_attempt_count: 2,
          },
          request: {
            request_id: "r-1",
            request_headers: { "x-qmesh-tier": "critical;17", "x-tenant": "acme" },
          },
          response: { response_code: { value: 503 } },
        },
        {},
      ],
    },
  });

describe("services of streams that name their node", () => {
  let server: Server;
  let clients: Client[];
  let port: number;
  let seen: { node: string; what: LoadReport | readonly AccessSample[] }[];
  let refusals: { node?: string; reason: string }[];
  let wake: () => void;

  beforeEach(async () => {
    seen = [];
    refusals = [];
    clients = [];
    wake = () => undefined;
    server = new Server();
    const nowMs = () => 42;
    const onRefused = (refusal: { node?: string; reason: string }) => void refusals.push(refusal);
    const keep = (node: string, _now: number, what: LoadReport | readonly AccessSample[]) => {
      seen.push({ node, what });
      wake();
    };
    addLoadStatsService(server, { sink: { observe: keep }, nowMs, onRefused });
    addAccessLogService(server, { sink: { observe: keep }, nowMs, onRefused });
    port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  });
  afterEach(() => {
    for (const client of clients) client.close();
    server.forceShutdown();
  });

  function method<Method>(service: string, name: string): { client: Client; call: Method } {
    const definition = loadService(service)[name];
    assert.ok(definition);
    const raw = { [name]: { ...definition, requestSerialize: (bytes: Buffer) => bytes } };
    const Constructor = makeGenericClientConstructor(raw, service);
    const client = new Constructor(`127.0.0.1:${port}`, credentials.createInsecure());
    clients.push(client);
    return { client, call: (client as unknown as Record<string, Method>)[name] as Method };
  }

  function openLoads() {
    const { client, call } = method<() => ClientDuplexStream<Buffer, object>>(
      LOADS,
      "StreamLoadStats",
    );
    const stream = call.call(client);
    const answers: object[] = [];
    stream.on("data", (answer: object) => {
      answers.push(answer);
      wake();
    });
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      stream.on("error", (error: ServiceError) => resolve(error));
      stream.on("end", () => resolve(undefined));
    });
    return { stream, answers, ended };
  }

  function openLogs() {
    type Method = (done: (error: ServiceError | null) => void) => ClientWritableStream<Buffer>;
    const { client, call } = method<Method>(LOGS, "StreamAccessLogs");
    let stream: ClientWritableStream<Buffer> | undefined;
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      stream = call.call(client, (error) => resolve(error ?? undefined));
      stream.on("error", () => undefined);
    });
    assert.ok(stream);
    return { stream, ended };
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  it("asks for the load of all clusters each second, by locality, once the node is named", async () => {
    const { stream, answers, ended } = openLoads();
    stream.write(loadsOf({ id: "edge-1" }));
    stream.write(loadsOf(undefined));
    await until(() => seen.length === 2 && answers.length > 0);
    stream.end();

    assert.equal(await ended, undefined);
    assert.equal(answers.length, 1);
    const [{ send_all_clusters, load_reporting_interval, report_endpoint_granularity }] =
      answers as [Record<string, unknown>];
    assert.equal(send_all_clusters, true);
    assert.equal(report_endpoint_granularity, false);
    assert.equal(String((load_reporting_interval as { seconds: unknown }).seconds), "1");
  });

  it("hands on a load report with its interval of 5.5 s and its counts", async () => {
    const { stream } = openLoads();
    stream.write(loadsOf({ id: "edge-1" }));
    await until(() => seen.length === 1);

    assert.deepEqual(seen, [
      {
        node: "edge-1",
        what: {
          intervalMs: 5500,
          loads: [
            {
              cluster: "shop.v1",
              region: "eu",
              zone: "a",
              issued: 12,
              succeeded: 9,
              failed: 2,
              inflight: 1,
            },
          ],
        },
      },
    ]);
    stream.cancel();
  });

  it("hands on cluster, status, time, endpoint, tries, tier and logged headers of every entry, and of an empty one nothing", async () => {
    const { stream, ended } = openLogs();
    stream.write(logsOf({ id: "edge-1" }));
    stream.write(logsOf(undefined));
    stream.end();

    assert.equal(await ended, undefined);
    const headers = { "x-qmesh-tier": "critical;17", "x-tenant": "acme" };
    const samples = [
      {
        ...{ cluster: "shop.v1", status: 503, ms: 1250, endpoint: "10.0.0.1:8080", tries: 2 },
        ...{ headers, tier: "critical", requestId: "r-1" },
      },
      { cluster: "", status: 0, ms: 0, endpoint: "", tries: 0, headers: {}, requestId: "" },
    ];
    assert.deepEqual(seen, [
      { node: "edge-1", what: samples },
      { node: "edge-1", what: samples },
    ]);
  });

  it("ends both kinds of streams with INVALID_ARGUMENT where the first message names no node", async () => {
    const [loads, logs] = [openLoads(), openLogs()];
    loads.stream.write(loadsOf(undefined));
    logs.stream.write(logsOf({ id: "" }));

    const [first, second] = [await loads.ended, await logs.ended];
    assert.deepEqual(
      [first?.code, second?.code],
      [status.INVALID_ARGUMENT, status.INVALID_ARGUMENT],
    );
    assert.match(first?.details ?? "", /must name its node: node\.id is empty/);
    assert.match(second?.details ?? "", /must name its node: identifier\.node\.id is empty/);
    assert.equal(refusals.length, 2);
  });

  it("refuses an id of 257 characters, which would be kept", async () => {
    const { stream, ended } = openLoads();
    stream.write(loadsOf({ id: "x".repeat(257) }));

    assert.match((await ended)?.details ?? "", /node\.id is longer than 256 characters/);
    assert.equal(seen.length, 0);
  });

  it("ends only the stream whose message does not parse, and ignores what follows on it", async () => {
    const [good, bad] = [openLoads(), openLogs()];
    good.stream.write(loadsOf({ id: "edge-1" }));
    bad.stream.write(logsOf({ id: "edge-2" }));
    bad.stream.write(Buffer.from([0x0a, 0x7f, 0x01]));
    bad.stream.write(logsOf(undefined));

    assert.equal((await bad.ended)?.code, status.INVALID_ARGUMENT);
    good.stream.write(loadsOf(undefined));
    await until(() => seen.filter(({ node }) => node === "edge-1").length === 2);
    assert.equal(seen.filter(({ node }) => node === "edge-2").length, 1);
    assert.deepEqual(refusals, [{ node: "edge-2", reason: "the message does not parse" }]);
    good.stream.cancel();
  });
});
