import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Api, startApi } from "../../src/api/server.ts";
import type { Subject } from "../../src/identity/authority.ts";
import { TlsFiles } from "../../src/identity/tls-files.ts";
import { statusDocument } from "../api/documents.ts";
import { Identities, TRUST_DOMAIN } from "../support/identities.ts";
import { NOW_MS, TOKEN } from "../support/operators/example-api.ts";
import { ExampleMesh } from "../support/operators/example-model.ts";
import { runQmesh } from "../support/run-cli.ts";

describe("qmesh --certs, over HTTPS", () => {
  const [ours, theirs] = [new Identities(), new Identities()];
  const example = new ExampleMesh(NOW_MS);
  let files: TlsFiles;
  let api: Api;

  before(async () => {
    const quiet = () => undefined;
    const folder = join(ours.folder, "control-plane");
    files = new TlsFiles({ folder, onReload: quiet, onRefused: quiet });
    api = await startApi({
      ...{ host: "127.0.0.1", port: 0, status: statusDocument },
      metrics: { contentType: "text/plain", text: async () => "" },
      ...{ model: example.model, commands: example.commands },
      credentials: {
        ...{ localToken: TOKEN, trustDomain: TRUST_DOMAIN },
        access: { accounts: [] },
      },
      tls: (take) => files.operatorGate(take),
    });
  });
  after(async () => {
    await api.stop();
    files.stop();
  });

  const mira: Subject = { kind: "operator", name: "mira" };
  const folderOf = (mesh: Identities, who: Subject = mira) =>
    mesh.authority.issue(who, new Date(), 30);
  const freeze = (folder: string, server = `127.0.0.1:${api.port}`) =>
    runQmesh("freeze", "--reason", "game day", "--server", server, "--certs", folder);

  it("gives 1 order as the operator the certificate names, without a token", async () => {
    const { code, stderr } = await freeze(folderOf(ours));

    assert.equal(code, 0, stderr);
    assert.deepEqual(
      example.orders.splice(0).map(({ what, by }) => [what.kind, by]),
      [["freeze", "mira"]],
    );
  });

  it("reads with the same, by QMESH_SERVER and QMESH_CERTS", async () => {
    process.env.QMESH_SERVER = `https://127.0.0.1:${api.port}`;
    process.env.QMESH_CERTS = folderOf(ours);
    const { code, stdout } = await runQmesh("get", "overrides");
    delete process.env.QMESH_SERVER;
    delete process.env.QMESH_CERTS;

    assert.equal(code, 0);
    assert.match(stdout, /rateLimit\.api-per-tenant\.factor/);
  });

  for (const [who, folder, sentence] of [
    [
      "of another authority, whose control plane is not believed either",
      () => folderOf(theirs),
      /shows a certificate of another authority than --certs has/,
    ],
    ["of a node", () => folderOf(ours, ours.node("edge-1")), /certificate/],
    [
      "that is not there",
      () => "/nowhere",
      /\/nowhere\/ca\.crt: cannot be read \(ENOENT\): --certs names/,
    ],
  ] as const) {
    it(`refuses a certificate ${who}: exit 1 and one sentence, 0 orders`, async () => {
      const { code, stderr } = await freeze(folder());

      assert.equal(code, 1);
      assert.match(stderr, sentence);
      assert.equal(stderr.trim().split("\n").length, 1);
      assert.deepEqual(example.orders, []);
    });
  }

  it("shows a certificate to nobody that is named by http://", async () => {
    const { code, stderr } = await freeze(folderOf(ours), `http://127.0.0.1:${api.port}`);

    assert.equal(code, 1);
    assert.match(stderr, /is named by http:\/\/, and a certificate is for https:\/\//);
  });

  it("takes another Envoy's or server's certificate for no control plane's", async () => {
    const folder = join(ours.folder, "impostor");
    mkdirSync(folder);
    const pair = ours.sign(ours.node("edge-1"));
    const { createServer } = await import("node:https");
    const impostor = createServer({ key: pair.privateKey, cert: pair.certificate }).listen(0);
    const { port } = impostor.address() as { port: number };
    const { code, stderr } = await freeze(folderOf(ours), `127.0.0.1:${port}`);
    impostor.close();

    assert.equal(code, 1);
    assert.match(stderr, /shows a certificate that is not a control plane's/);
  });
});
