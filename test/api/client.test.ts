import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fetchStatus } from "../../src/api/client.ts";
import { statusDocument } from "./documents.ts";

describe("API client", () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function reasonOf(address: string, timeoutMs = 2000): Promise<string> {
    const answer = await fetchStatus({ server: address, timeoutMs });
    assert.ok(!answer.ok);
    return answer.reason;
  }

  it("says that nothing listens, and how to start it", async () => {
    const address = await serve(() => undefined);
    server?.close();

    assert.match(
      await reasonOf(address),
      /^nothing listens on 127\.0\.0\.1:\d+: start qmesh serve/,
    );
  });

  it("says that no answer came within 0.05 s", async () => {
    const address = await serve(() => undefined);

    const answer = await fetchStatus({ server: address, timeoutMs: 50 });

    assert.deepEqual(answer, {
      ok: false,
      reason: `${address} did not answer within 0.05 s`,
      isTimeout: true,
    });
  });

  it("says the status another server answered with", async () => {
    const address = await serve((_, response) => response.writeHead(404).end());

    assert.equal(await reasonOf(address), `${address} answered 404 to /status`);
  });

  it("says that the answer is no JSON", async () => {
    const address = await serve((_, response) => response.end("<html>"));

    assert.equal(await reasonOf(address), `${address} answered with something that is no JSON`);
  });

  it("says which field of the answer is wrong", async () => {
    const wrong = { ...statusDocument(), nodes: [{ id: 5 }] };
    const address = await serve((_, response) => response.end(JSON.stringify(wrong)));

    assert.match(await reasonOf(address), /a form this qmesh does not know: nodes\.0\.id: /);
  });

  it("takes a document with fields it does not know, and leaves them out", async () => {
    const newer = { ...statusDocument(), region: "eu" };
    const address = await serve((_, response) => response.end(JSON.stringify(newer)));

    assert.deepEqual(await fetchStatus({ server: address }), {
      ok: true,
      value: statusDocument(),
    });
  });

  for (const address of ["ftp://x", "", "http://"]) {
    it(`refuses ${JSON.stringify(address)} as an address`, async () => {
      assert.match(await reasonOf(address), /is not a server address such as 127\.0\.0\.1:8080/);
    });
  }
});
