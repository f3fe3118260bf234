import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { shopIntent } from "../support/intents.ts";
import { listenerPort, Mesh } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

/** What the filter writes on requests and answers, on a real Envoy with room for one request of 400 ms at a time. */
describe("headers the filter writes on a real Envoy", () => {
  let mesh: Mesh;
  let backend: Server;
  const seen: IncomingHttpHeaders[] = [];

  beforeEach(async () => {
    mesh = new Mesh();
    seen.length = 0;
    backend = createServer((request, response) => {
      seen.push(request.headers);
      setTimeout(() => response.end("ok"), 400);
    });
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
  });
  afterEach(async () => {
    await mesh.stop();
    backend.close();
    backend.closeAllConnections();
  });

  async function start(mode: "enforce" | "shadow"): Promise<number> {
    const { port } = backend.address() as AddressInfo;
    const limit = { min: 1, max: 1, initial: 1 };
    mesh.writeIntent(shopIntent({ endpoints: { v1: [port] }, limit, mode }));
    await mesh.startServe();
    return listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
  }

  it("a shed gRPC call gets status 8 and grpc-retry-pushback-ms -1 in one trailers-only answer", async () => {
    const port = await start("enforce");
    const headers = { "content-type": "application/grpc", te: "trailers" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port, { headers })));

    const shed = answers.filter((answer) => answer.headers["grpc-status"] === "8");
    assert.ok(shed.length >= 6, JSON.stringify(answers));
    for (const answer of shed) {
      assert.equal(answer.status, "200");
      assert.equal(answer.body, "");
      assert.equal(answer.headers["grpc-retry-pushback-ms"], "-1");
      assert.equal(answer.headers["x-envoy-ratelimited"], "true");
    }
  });

  it("in shadow mode 8 of 8 requests reach the service with their tier, 7 with why they would be shed", async () => {
    const port = await start("shadow");
    // Two workers that count a request at once each see the other's: so one first, held by the service.
    const first = ask(port);
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, ...Array.from({ length: 7 }, () => ask(port))]);

    assert.equal(seen.length, 8);
    for (const headers of seen) assert.match(String(headers["x-qmesh-tier"]), /^[a-z]+;\d{1,2}$/);
    const reasons = seen.map((headers) => headers["x-qmesh-would-shed"]).filter(Boolean);
    assert.equal(reasons.length, 7);
    for (const reason of reasons) assert.match(String(reason), /^(limit|level)$/);
  });
});
