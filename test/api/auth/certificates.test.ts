import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { AuditEvent } from "../../../src/api/audit-event.ts";
import type { Access } from "../../../src/api/auth/access-file.ts";
import { type Api, startApi } from "../../../src/api/server.ts";
import { authorityFiles } from "../../../src/identity/authority.ts";
import type { KeyPair } from "../../../src/identity/certificate.ts";
import { TlsFiles } from "../../../src/identity/tls-files.ts";
import { Identities, TRUST_DOMAIN } from "../../support/identities.ts";
import { NOW_MS, TOKEN } from "../../support/operators/example-api.ts";
import { ExampleMesh } from "../../support/operators/example-model.ts";
import { statusDocument } from "../documents.ts";

const MIRA = { kind: "operator", name: "mira" } as const;

describe("HTTPS API, certificates of operators", () => {
  const mesh = new Identities();
  const stranger = new Identities();
  let files: TlsFiles;
  let api: Api;
  let audited: AuditEvent[];
  let orders: ExampleMesh["orders"];
  const refused: string[] = [];

  before(() => {
    const folder = join(mesh.folder, "control-plane");
    const onRefused = ({ reason }: { reason: string }) => refused.push(reason);
    files = new TlsFiles({ folder, onReload: () => undefined, onRefused });
  });
  after(() => {
    files.stop();
  });
  afterEach(() => api.stop());

  async function start(operators: NonNullable<Access["operators"]> = []): Promise<void> {
    const example = new ExampleMesh(NOW_MS);
    audited = [];
    orders = example.orders;
    api = await startApi({
      ...{ host: "127.0.0.1", port: 0, status: statusDocument },
      metrics: { contentType: "text/plain", text: async () => "" },
      ...{ model: example.model, commands: example.commands },
      credentials: {
        ...{ localToken: TOKEN, trustDomain: TRUST_DOMAIN },
        access: { accounts: [], operators },
      },
      audit: (event) => void audited.push(event),
      tls: (take) => files.operatorGate(take),
    });
  }

  function ask(
    path: string,
    pair?: KeyPair,
    token?: string,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const isOrder = path !== "/v1";
      const sent = request(
        {
          ...{
            host: "127.0.0.1",
            port: api.port,
            path,
            method: isOrder ? "POST" : "GET",
            agent: false,
          },
          ca: readFileSync(authorityFiles(mesh.folder).certificate),
          checkServerIdentity: () => undefined,
          ...(pair && { key: pair.privateKey, cert: pair.certificate }),
          headers: {
            "content-type": "application/json",
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
        },
        (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.on("error", reject);
      sent.end(isOrder ? JSON.stringify({ reason: "because" }) : undefined);
    });
  }

  it("takes an order of a good one, by its name, in role operator", async () => {
    await start();
    const pair = mesh.sign(MIRA);

    assert.equal((await ask("/v1/freeze", pair)).status, 200);
    assert.deepEqual([orders[0]?.by, orders[0]?.roles], ["mira", ["operator"]]);
    assert.equal((await ask("/v1/approvals/t9k2-4be1d0/approve", pair)).status, 403);
  });

  it("gives the roles and groups that the access file has for it", async () => {
    await start([{ name: "mira", roles: ["approver"], groups: ["sre"] }]);
    const pair = mesh.sign(MIRA);

    assert.equal((await ask("/v1/approvals/t9k2-4be1d0/approve", pair)).status, 200);
    assert.deepEqual(orders[0]?.roles, ["approver", "sre"]);
    assert.equal((await ask("/v1/unfreeze", pair)).status, 403);
  });

  const BAD: Readonly<Record<string, () => KeyPair>> = {
    "of another authority": () => stranger.sign(MIRA),
    "that has expired": () => mesh.sign(MIRA, { from: -3, to: -1 }),
    "that is not valid yet": () => mesh.sign(MIRA, { from: 1, to: 2 }),
    "of another trust domain": () => mesh.sign(MIRA, { trustDomain: "evil.example" }),
    "of a node": () => mesh.sign(mesh.node("edge-1")),
    "of the control plane": () => mesh.sign({ kind: "control-plane" }),
  };
  for (const [what, make] of Object.entries(BAD)) {
    it(`answers one ${what} with 401 for reading and for an order, and writes both down`, async () => {
      await start();
      const pair = make();

      assert.equal((await ask("/v1", pair)).status, 401);
      assert.equal((await ask("/v1/freeze", pair)).status, 401);
      assert.deepEqual(orders, []);
      assert.deepEqual(
        audited.map(({ kind, actor }) => `${kind} ${actor}`),
        ["refusal anonymous", "refusal anonymous"],
      );
    });
  }

  it("takes a token without one, and plaintext on the same port of this machine", async () => {
    await start();

    assert.equal((await ask("/v1/freeze", undefined, TOKEN)).status, 200);
    assert.equal((await ask("/v1/freeze")).status, 401);
    const plain = await fetch(`http://127.0.0.1:${api.port}/v1`);
    assert.equal(plain.status, 200);
    await plain.body?.cancel();
  });
});
