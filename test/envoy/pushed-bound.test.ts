import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { HeldService } from "../support/held-service.ts";
import { shopIntent } from "../support/intents.ts";
import {
  envoyStat,
  getJson,
  listenerPort,
  Mesh,
  type RunningEnvoy,
  until,
} from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";
import { ask } from "../support/traffic.ts";

const INITIAL = 64;
const PUSHED = 8;
const AT_ONCE = 40;
const SECRET = "a secret of 32 characters, or more";

const POLICY = `
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: database, owner: team-shop}
spec: {type: signals, secretFile: database.key, signals: [{name: db.load, maxAge: 1m}]}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: spare-the-database, owner: team-shop, class: reliability}
spec:
  mode: enforce
  method: rules
  scope: {service: shop}
  when: 'rate("db.load", "30s") > 100.0'
  then: [{shed: {shedding: shop, max: ${PUSHED}}}]
  guard: {minInterval: 1s, budget: 4/h}
  verify: {signal: db.load, improve: {below: 100}, sustained: 2m, within: 10m}
  revert: {ttl: 1h}
`;

describe("a bound pushed to two real Envoys", () => {
  const mesh = new Mesh();
  const service = new HeldService();
  const envoys: RunningEnvoy[] = [];

  before(async () => {
    const limit = { min: 4, max: 1000, initial: INITIAL };
    const port = await service.start();
    writeFileSync(join(mesh.folder, "database.key"), SECRET);
    mesh.writeIntent(shopIntent({ endpoints: { v1: [port] }, limit, requestTimeout: "60s" }));
    mesh.writeIntent(POLICY, "policy.yaml");
    await mesh.startServe();
    for (const id of ["edge-1", "edge-2"]) {
      envoys.push(await mesh.startEnvoy(id, { concurrency: 1 }));
    }
  });
  after(async () => {
    await mesh.stop();
    service.stop();
  });

  const status = async () =>
    (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as StatusDocument;
  const limits = async () =>
    (await status()).decisions.map(({ evidence }) => evidence.scope?.limit);
  const limitIn = (envoy: RunningEnvoy) => envoyStat(envoy, "wasmcustom.qmesh.shop.limit");

  /** Requests of the first tier that reach the service, of 40 at once, when all others have been refused. */
  async function admitted(envoy: RunningEnvoy): Promise<number> {
    const port = await listenerPort(envoy, "edge_0");
    const headers = { "x-criticality": "critical" };
    service.hold();
    let refused = 0;
    const asked = Array.from({ length: AT_ONCE }, async () => {
      const { status } = await ask(port, { headers });
      if (status === "429") refused += 1;
      return status;
    });
    await until("all to be held or refused", async () => {
      const inflight = await envoyStat(envoy, "wasmcustom.qmesh.shop.inflight");
      return refused + (inflight ?? 0) === AT_ONCE;
    });
    service.release();
    const statuses = await Promise.all(asked);
    return statuses.filter((each) => each === "200").length;
  }

  it("shows the 64 each starts with, and holds both at 8 once an action says so: 8 of 40 requests at once pass each", async () => {
    for (const envoy of envoys) assert.equal(await admitted(envoy), AT_ONCE);
    await until("both limits of 64 in /status", async () => {
      const seen = await limits();
      return seen.length === 2 && seen.every((limit) => limit !== undefined && limit > PUSHED);
    });

    const about = { name: "db.load", secret: SECRET, value: 200 };
    assert.equal(await postSignal(mesh.ports.http, about), 204);
    for (const envoy of envoys) {
      await until("the limit in Envoy", async () => ((await limitIn(envoy)) ?? 64) <= PUSHED);
    }
    for (const envoy of envoys) assert.equal(await admitted(envoy), PUSHED);

    await until("both limits of 8 in /status", async () =>
      (await limits()).every((limit) => limit !== undefined && limit <= PUSHED),
    );
    const { decisions } = await status();
    assert.deepEqual(
      decisions.map(({ node, bounds }) => [node, bounds]),
      ["edge-1", "edge-2"].map((node) => [node, { min: 4, max: PUSHED, initial: PUSHED }]),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[join(projectRoot, "dist/src/main.js"), "status"],
      ...["--server", `127.0.0.1:${mesh.ports.http}`],
    ]);
    for (const id of ["edge-1", "edge-2"]) {
      assert.match(stdout, new RegExp(`^${id} +shop +\\S+ +[4-8] +4-8 `, "m"));
    }
  });
});
