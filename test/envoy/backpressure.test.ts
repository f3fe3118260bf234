import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { FailingBackend } from "../support/failing-backend.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";
import { startTraffic } from "../support/traffic.ts";

const KEY = join(projectRoot, "examples/backpressure/database.key");
describe(`examples/backpressure on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  let backend: FailingBackend;
  let latency = 0.05;
  /** Seconds with a value. */
  const known = new Set<number>();
  let posting: NodeJS.Timeout;
  let port: number;

  before(async () => {
    backend = await FailingBackend.start("ok");
    copyFileSync(KEY, join(mesh.folder, "database.key"));
    mesh.writeIntent(exampleIntent("backpressure", { 9051: backend.port, 8000: 0 }));
    await mesh.startServe();
    port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
    const secret = readFileSync(KEY, "utf8").trim();
    const post = () =>
      postSignal(mesh.ports.http, { name: "db.latency.p95", secret, value: latency });
    assert.equal(await post(), 204);
    posting = setInterval(() => {
      known.add(Math.floor(Date.now() / 1000));
      void post().catch(() => undefined);
    }, 200);
  });
  after(async () => {
    clearInterval(posting);
    await mesh.stop();
    backend?.stop();
  });

  const policy = async (verdict: string) =>
    (await decisions(mesh.ports.http)).find(
      ({ subject, verdict: said }) => subject.name === "db-backpressure" && said === verdict,
    );

  /** Requests a second that the service got while everything was asked. */
  async function servedRps(seconds: number): Promise<number> {
    const before = backend.requests;
    const traffic = startTraffic(port, 16);
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const served = backend.requests - before;
    const took = (performance.now() - from) / 1000;
    await traffic.stop();
    return served / took;
  }

  it("halves the rate of 400/s once the database is slow, names the decision in responses, and calls it a success when that mends it", async () => {
    await until("20 s of a quick database, of which a forecast is made", () => known.size > 20, 40);
    assert.equal(await policy("act"), undefined);
    latency = 0.2;
    const milestones = new Milestones();
    const act = await until("the policy to act", () => policy("act"), patience(60));
    milestones.reach("decided");
    assert.match(act.because[0] ?? "", /pAbove/);
    await until("the push to be held", async () =>
      (await decisions(mesh.ports.http)).find(
        ({ subject, verdict, at }) =>
          subject.name === "push" && verdict === "applied" && at >= act.at,
      ),
    );
    milestones.reach("held");
    const { headers } = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(headers.get("x-qmesh-decision"), act.id);
    // The database gets better because it is asked less.
    latency = 0.05;
    const rps = await servedRps(4);
    assert.ok(
      rps > 150 && rps < 275,
      `${rps.toFixed(0)} of 200 requests a second, with a burst of 50`,
    );
    await until("the success", () => policy("success"), patience(360));
    milestones.reach("clean");
  });
});
