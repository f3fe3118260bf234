import assert from "node:assert/strict";
import { request } from "node:http";
import { fetchProxies, fetchStatus } from "../../src/api/client.ts";
import { type Api, type ApiOptions, buildApi, startApi } from "../../src/api/server.ts";
import { statusDocument } from "./documents.ts";

const METRICS = { contentType: "text/plain; version=0.0.4", text: async () => "qmesh_x 1\n" };

function options(parts: Partial<ApiOptions> = {}): ApiOptions {
  return { host: "127.0.0.1", port: 0, status: statusDocument, metrics: METRICS, ...parts };
}

describe("HTTP API", () => {
  let api: Api;

  beforeEach(async () => {
    api = await startApi(options());
  });
  afterEach(() => api.stop());

  function url(path: string): string {
    return `http://127.0.0.1:${api.port}${path}`;
  }

  it("answers /status with the document of its source, which the client gives back whole", async () => {
    const answer = await fetchStatus({ server: `127.0.0.1:${api.port}` });

    assert.deepEqual(answer, { ok: true, value: statusDocument() });
  });

  it("answers /proxies with the nodes without their evidence", async () => {
    const answer = await fetchProxies({ server: url("/") });

    assert.ok(answer.ok);
    assert.deepEqual(Object.keys(answer.value), ["nodes"]);
    const { evidence: _, ...proxy } = statusDocument().nodes[0]!;
    assert.deepEqual(answer.value.nodes, [proxy]);
  });

  it("answers /metrics as Prometheus text and /healthz with ok", async () => {
    const metrics = await fetch(url("/metrics"));
    const health = await fetch(url("/healthz"));

    assert.equal(metrics.headers.get("content-type"), METRICS.contentType);
    assert.equal(await metrics.text(), "qmesh_x 1\n");
    assert.deepEqual(await health.json(), { status: "ok" });
    assert.equal(health.headers.get("cache-control"), "no-store");
  });

  it("answers an unknown path with a problem document of status 404 that lists what there is", async () => {
    const response = await fetch(url("/nodes"));
    const body = (await response.json()) as Record<string, unknown>;

    assert.equal(response.status, 404);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal(body.title, "there is no /nodes");
    assert.match(String(body.detail), /\/status, \/proxies/);
  });

  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    it(`answers ${method} with 405 and what it allows`, async () => {
      const response = await fetch(url("/status"), { method });

      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      assert.equal(response.headers.get("content-type"), "application/problem+json");
    });
  }

  it("answers a body of 1 MiB and a byte with 413", async () => {
    const response = await fetch(url("/status"), {
      method: "POST",
      body: Buffer.alloc(1024 * 1024 + 1),
    });

    assert.equal(response.status, 413);
  });

  for (const [host, status] of [
    ["evil.example", 403],
    ["127.evil.example", 403],
    ["localhost", 200],
    ["127.0.0.1", 200],
    ["[::1]:8080", 200],
  ] as const) {
    it(`answers a request for host ${host} on loopback with ${status}`, async () => {
      const { port } = api;
      const got = await new Promise((resolve, reject) => {
        request({ host: "127.0.0.1", port, path: "/status", headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });

      assert.equal(got, status);
    });
  }

  it("lets any host name through when it listens for other machines", async () => {
    const { app } = buildApi(options({ host: "0.0.0.0" }));

    assert.equal((await app.request("http://mesh.example/healthz")).status, 200);
  });

  it("answers 500 without a stack when its source fails, and hands the error on", async () => {
    const errors: Error[] = [];
    const { app } = buildApi(
      options({
        status: () => {
          throw new Error("secret detail");
        },
        onError: (error) => errors.push(error),
      }),
    );

    const response = await app.request("http://127.0.0.1/status");

    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
    assert.equal(errors[0]?.message, "secret detail");
  });

  it("says in one sentence that its port is taken, and what to do", async () => {
    await assert.rejects(startApi(options({ port: api.port })), (error: Error) => {
      assert.equal(
        error.message,
        `HTTP address 127.0.0.1:${api.port} is in use: stop what holds it, or choose another with --http (port 0 takes a free one).`,
      );
      return true;
    });
  });

  it("gives its port back when it stops, with a client still connected", async () => {
    await fetch(url("/healthz"));
    const { port } = api;
    await api.stop();

    api = await startApi(options({ port }));

    assert.equal(api.port, port);
  });
});
