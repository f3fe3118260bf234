import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Server } from "@grpc/grpc-js";
import fc from "fast-check";
import { AccessSamples } from "../../src/evidence/access-samples.ts";
import { LoadReports } from "../../src/evidence/load-reports.ts";
import { protoRoot } from "../../src/proto/bundle.ts";
import { addAccessLogService } from "../../src/telemetry/access-log-service.ts";
import { addLoadStatsService } from "../../src/telemetry/load-stats-service.ts";

type Handler = (call: EventEmitter, done: () => void) => void;

/** The one handler that a service adds, without a server. */
function handlerOf(add: (server: Server) => void): Handler {
  let found: Handler | undefined;
  const server = {
    addService: (_definition: object, handlers: Record<string, Handler>) => {
      [found] = Object.values(handlers);
    },
  };
  add(server as unknown as Server);
  assert.ok(found);
  return found;
}

class Call extends EventEmitter {
  write(): void {}
  end(): void {}
}

function damaged(name: string, message: object): fc.Arbitrary<Buffer> {
  const type = protoRoot().lookupType(name);
  const good = Buffer.from(type.encode(type.fromObject(message)).finish());
  return fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((edits) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of edits) bytes[at] = value;
      return bytes;
    });
}

const NODE = { id: "edge-1", cluster: "edge" };
const nowMs = () => 42;

describe("load reports and access logs, for any bytes", () => {
  const loads = new LoadReports();
  const samples = new AccessSamples();
  for (const [what, handler, message] of [
    [
      "load report",
      handlerOf((server) => addLoadStatsService(server, { sink: loads, nowMs })),
      damaged("envoy.service.load_stats.v3.LoadStatsRequest", {
        node: NODE,
        cluster_stats: [
          {
            cluster_name: "shop.v1",
            load_report_interval: { seconds: 5 },
            upstream_locality_stats: [{ locality: { region: "eu" }, total_issued_requests: 12 }],
          },
        ],
      }),
    ],
    [
      "access log",
      handlerOf((server) => addAccessLogService(server, { sink: samples, nowMs })),
      damaged("envoy.service.accesslog.v3.StreamAccessLogsMessage", {
        identifier: { node: NODE, log_name: "qmesh" },
        http_logs: {
          log_entry: [
            {
              common_properties: { upstream_cluster: "shop.v1", duration: { seconds: 1 } },
              response: { response_code: { value: 200 } },
            },
          ],
        },
      }),
    ],
  ] as const) {
    it(`takes or refuses 20,000 random and damaged messages of kind ${what}, and never throws`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), message), (bytes) => {
          const call = new Call();
          call.on("error", () => undefined);
          handler(call, () => undefined);
          call.emit("data", Buffer.from(bytes));
        }),
        { numRuns: 20_000 },
      );
      for (const node of [...loads.snapshot(42), ...samples.snapshot(42)])
        for (const value of JSON.stringify(node).matchAll(/null/g))
          assert.fail(`${value} in ${node.node}`);
    });
  }
});
