import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { buildResources } from "../../src/resources/build.ts";
import { Backend } from "../support/backend.ts";
import { createCertificate } from "../support/certificate.ts";
import { type FileEnvoy, startFileEnvoy } from "../support/file-envoy.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { gateway, httpRoute, policySet, service } from "../support/policy-set.ts";
import { filterWasm } from "../support/project-root.ts";

const HOSTS = ["shop.example", "pay.example"];

function intent(ports: { readonly shop: number; readonly pay: number }): string {
  const listener = (host: string) => `
    - name: ${host.split(".")[0]}
      protocol: HTTPS
      port: 0
      hostname: ${host}
      tls: {mode: Terminate, options: {quantum.mesh/certificate: certs/${host}.pem, quantum.mesh/privateKey: certs/${host}.key}}`;
  const rest = Object.entries(ports).map(
    ([name, port]) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge, sectionName: ${name}}]
  rules: [{backendRefs: [{name: ${name}}]}]
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {endpoints: ["127.0.0.1:${port}"]}`,
  );
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{value: 127.0.0.1}]
  listeners: ${HOSTS.map(listener).join("")}
${rest.join("")}
`;
}

describe("an HTTPS listener with a secret of Envoy's own bootstrap", () => {
  let envoy: FileEnvoy;

  before(async () => {
    const { certificate, privateKey } = createCertificate("own.example");
    const tls = { kind: "secret", name: "own" } as const;
    const listeners = [{ name: "own", protocol: "HTTPS", port: 0, tls } as const];
    const set = policySet({
      gateways: [gateway({ addresses: ["127.0.0.1"], listeners })],
      httpRoutes: [httpRoute()],
      services: [service()],
    });
    const own = {
      name: "own",
      tls_certificate: {
        certificate_chain: { inline_string: certificate },
        private_key: { inline_string: privateKey },
      },
    };
    const role = { role: "gateway", name: "edge" } as const;
    envoy = await startFileEnvoy(buildResources(set, role, { filterWasm }), {
      secrets: [own],
    });
  });
  after(() => envoy?.stop());

  it("shows that certificate to whoever asks for no host", async () => {
    const socket = connect({
      ...{ host: "127.0.0.1", port: await envoy.port("edge_0") },
      ...{ rejectUnauthorized: false },
    });
    await once(socket, "secureConnect");

    assert.equal(socket.getPeerX509Certificate()?.subject, "CN=own.example");
    socket.destroy();
  });
});

describe("HTTPS listeners on a real Envoy", () => {
  const backends: Backend[] = [];
  let mesh: Mesh;
  let envoy: RunningEnvoy;
  let port: number;

  before(async () => {
    mesh = new Mesh();
    mkdirSync(join(mesh.folder, "certs"));
    for (const host of HOSTS) renew(host);
    for (const name of ["shop", "pay"]) backends.push(await Backend.start(name));
    const [shop, pay] = backends.map((backend) => backend.port);
    mesh.writeIntent(intent({ shop: shop!, pay: pay! }));
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1", { concurrency: 1 });
    port = await listenerPort(envoy, "edge_0");
  });
  after(async () => {
    await mesh?.stop();
    for (const backend of backends) backend.stop();
  });

  /** Writes a new certificate and its key; resolves to the certificate. */
  function renew(host: string): string {
    const { certificate, privateKey } = createCertificate(host);
    writeFileSync(join(mesh.folder, `certs/${host}.pem`), certificate);
    writeFileSync(join(mesh.folder, `certs/${host}.key`), privateKey);
    return certificate;
  }

  interface Answer {
    readonly status: number | undefined;
    readonly body: string;
    readonly certificate: string;
    readonly alpn: string | false | null;
  }

  /** Asks for `servername` by SNI; `host` is the header. */
  async function ask(servername: string, host = servername): Promise<Answer> {
    const outgoing = request({
      ...{ host: "127.0.0.1", port, servername, headers: { host } },
      ...{ rejectUnauthorized: false, agent: false, ALPNProtocols: ["http/1.1"] },
    });
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    const socket = response.socket as TLSSocket;
    const certificate = socket.getPeerX509Certificate()?.subject ?? "";
    const { alpnProtocol: alpn } = socket;
    return {
      status: response.statusCode,
      body: (await response.toArray()).join(""),
      certificate,
      alpn,
    };
  }

  for (const host of HOSTS) {
    it(`shows ${host} its own certificate and answers from its own service`, async () => {
      const answer = await ask(host);

      assert.deepEqual(answer, {
        status: 200,
        body: host.split(".")[0],
        certificate: `CN=${host}`,
        alpn: "http/1.1",
      });
    });
  }

  it("answers 404 to a request for pay.example on a connection made for shop.example", async () => {
    assert.equal((await ask("shop.example", "pay.example")).status, 404);
  });

  it("refuses a connection for a host that no listener has", async () => {
    await assert.rejects(ask("other.example"), /socket|ECONNRESET|disconnected/);
  });

  it("has another certificate in use 0 drains after its files changed", async () => {
    const before = await fingerprint();
    renew("shop.example");

    const after = await until("the new certificate", async () => {
      const now = await fingerprint();
      return now === before ? undefined : now;
    });
    assert.notEqual(after, before);
    assert.equal(await envoyStat(envoy, "listener_manager.listener_modified"), 0);
  });

  async function fingerprint(): Promise<string> {
    const outgoing = request({
      ...{ host: "127.0.0.1", port, servername: "shop.example", headers: { host: "shop.example" } },
      ...{ rejectUnauthorized: false, agent: false },
    });
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    return (response.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? "";
  }
});
