import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createCertificate } from "../support/certificate.ts";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

const BANK = "api.bank.example";

describe("TLS of a real Envoy to a Service outside the mesh", () => {
  const first = createCertificate(BANK);
  const second = createCertificate(BANK);
  const asked: unknown[] = [];
  let server: Server;
  let mesh: Mesh;
  let envoy: RunningEnvoy;
  let port: number;

  const pair = ({ certificate, privateKey }: typeof first) => ({
    cert: certificate,
    key: privateKey,
  });

  before(async () => {
    server = createServer({ ...pair(first), requestCert: true, rejectUnauthorized: false });
    server.on(
      "request",
      ({ socket }: { socket: TLSSocket & { servername?: string } }, response) => {
        asked.push([socket.servername, Object.keys(socket.getPeerCertificate()).length]);
        response.end("bank");
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    mesh = new Mesh();
    mesh.writeIntent(first.certificate, "bank.pem");
    mesh.writeIntent(second.certificate, "other.pem");
    const services = [
      ["bank", BANK, "bank.pem"],
      ["named", "other.example", "bank.pem"],
      ["unknown", BANK, "other.pem"],
    ].map(
      ([name, hostname, ca]) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: edge}], hostnames: [${name}], rules: [{backendRefs: [{name: ${name}}]}]}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {endpoints: ["${address}"], tls: {mode: simple, hostname: ${hostname}, ca: ${ca}}}`,
    );
    mesh.writeIntent(`
${EDGE_GATEWAY}
${services.join("")}
`);
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1", { concurrency: 1 });
    port = await listenerPort(envoy, "edge_0");
  });
  after(async () => {
    await mesh?.stop();
    server?.close();
    server?.closeAllConnections();
  });

  const statusOf = async (host: string) => (await ask(port, { headers: { host } })).status;

  it("asks for its name (SNI), and shows 0 certificates of its own", async () => {
    assert.equal(await statusOf("bank"), "200");
    assert.deepEqual(asked, [[BANK, 0]]);
  });

  for (const [host, what] of [
    ["named", "bears another name"],
    ["unknown", "is of another authority"],
  ] as const) {
    it(`answers 503 where the certificate ${what}`, async () => {
      assert.equal(await statusOf(host), "503");
    });
  }

  it("believes a new authority after its file changed, with 0 changes of the cluster", async () => {
    const changes = () => envoyStat(envoy, "cluster_manager.cluster_modified");
    const before = await changes();
    mesh.writeIntent(second.certificate, "bank.pem");
    await until("Envoy to have it", async () => {
      const name = "cluster.bank.v1.client_ssl_socket_factory.ssl_context_update_by_sds";
      return ((await envoyStat(envoy, name)) ?? 0) >= 2 || undefined;
    });
    server.setSecureContext(pair(second));
    server.closeAllConnections();

    await until("an answer", async () => (await statusOf("bank")) === "200" || undefined);
    assert.equal(await changes(), before);
  });
});
