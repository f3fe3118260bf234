import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { parseTrace } from "../../src/audit/trace-file.ts";
import { Children } from "../../src/cli/children.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import { startEnvoy } from "../../src/cli/envoy-process.ts";
import type { JsonObject } from "../../src/resources/resource.ts";
import { Backend } from "../support/backend.ts";
import { until } from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";
import { ask } from "../support/traffic.ts";

/** The `json_format` that docs/replay.md tells operators to use. */
function documentedFormat(): JsonObject {
  const page = readFileSync(join(projectRoot, "docs/replay.md"), "utf8");
  return JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? "") as JsonObject;
}

describe("an access log in the format of docs/replay.md", () => {
  const children = new Children();
  const folder = temporaryFolder();
  const log = join(folder, "trace.jsonl");
  let backend: Backend;
  let port: number;

  before(async () => {
    backend = await Backend.start("shop", { delayMs: 30 });
    const envoy = await startEnvoy(children, {
      binary: await envoyPath(),
      folder,
      name: "capture",
      bootstrap: bootstrap(backend.port, log),
      concurrency: 1,
    });
    port = await envoy.listenerPort("capture");
  });

  after(async () => {
    await children.stop();
    backend.stop();
  });

  it("reads as a trace of 2 requests, with cluster, route, original path, headers and 30 ms", async () => {
    const startMs = Date.now();
    await ask(port, { path: "/old?q=1", headers: { "x-tenant": "acme", "grpc-timeout": "2S" } });
    await ask(port, { path: "/old" });

    const trace = await until("2 lines of access log", () => {
      const text = readFileSync(log, "utf8");
      const reading = parseTrace(text.slice(0, text.lastIndexOf("\n") + 1));
      assert.ok(reading.ok, text);
      return reading.trace.length === 2 ? reading.trace : undefined;
    });
    const [first, second] = trace;

    assert.deepEqual(
      { ...first, atMs: 0, durationMs: 0, headers: undefined },
      {
        ...{ atMs: 0, durationMs: 0, headers: undefined },
        ...{ cluster: "shop.v1", route: "HTTPRoute/shop", path: "/old?q=1", status: 200 },
      },
    );
    assert.ok(first!.durationMs >= 29 && first!.durationMs < 1000, String(first!.durationMs));
    assert.ok(first!.atMs >= startMs - 1 && first!.atMs <= Date.now(), String(first!.atMs));
    assert.ok(second!.atMs >= first!.atMs + first!.durationMs - 1);
    assert.equal(first!.headers.get("x-tenant"), "acme");
    assert.equal(first!.headers.get("grpc-timeout"), "2S");
    assert.match(first!.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual([...second!.headers.keys()], ["x-request-id"]);
  });
});

const TYPE = "type.googleapis.com/envoy.extensions";

function bootstrap(backendPort: number, log: string): JsonObject {
  const address = (port: number) => ({
    socket_address: { address: "127.0.0.1", port_value: port },
  });
  const route = {
    name: "HTTPRoute/shop",
    match: { prefix: "/old" },
    route: { cluster: "shop.v1", prefix_rewrite: "/new" },
  };
  const manager = {
    "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "capture",
    access_log: [
      {
        name: "trace",
        typed_config: {
          "@type": `${TYPE}.access_loggers.file.v3.FileAccessLog`,
          path: log,
          log_format: { json_format: documentedFormat() },
        },
      },
    ],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` },
      },
    ],
  };
  const endpoint = { endpoint: { address: address(backendPort) } };
  return {
    admin: { address: address(0) },
    static_resources: {
      listeners: [
        {
          name: "capture",
          address: address(0),
          filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: "shop.v1",
          load_assignment: {
            cluster_name: "shop.v1",
            endpoints: [{ lb_endpoints: [endpoint] }],
          },
        },
      ],
    },
  };
}
