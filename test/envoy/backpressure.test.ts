import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DecisionView } from "../../src/api/view/decision.ts";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";
import { startTraffic } from "../support/traffic.ts";

const KEYS = ["database.key", "queue.key"];
const keyPath = (file: string) => join(projectRoot, "examples/backpressure", file);

describe(`examples/backpressure on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  let backend: Backend;
  let latency = 0.05;
  let depth = 0;
  /** Seconds with a value. */
  const known = new Set<number>();
  let posting: NodeJS.Timeout;
  let port: number;

  before(async () => {
    backend = await Backend.start("ok");
    for (const file of KEYS) copyFileSync(keyPath(file), join(mesh.folder, file));
    mesh.writeIntent(exampleIntent("backpressure", { 9051: backend.port, 8000: 0 }));
    await mesh.startServe();
    port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
    const [database = "", queue = ""] = KEYS.map((file) =>
      readFileSync(keyPath(file), "utf8").trim(),
    );
    const { http } = mesh.ports;
    const post = () =>
      Promise.all([
        postSignal(http, { name: "db.latency.p95", secret: database, value: latency }),
        postSignal(http, { name: "queue.depth", secret: queue, value: depth }),
      ]);
    assert.deepEqual(await post(), [204, 204]);
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

  const told = async (policy: string, verdict: string) =>
    (await decisions(mesh.ports.http)).findLast(
      ({ subject, verdict: said }) => subject.name === policy && said === verdict,
    );

  /** The newest such word of a Policy, and that every Envoy holds what it means. */
  async function held(policy: string, verdict: string, after?: DecisionView) {
    const found = await until(
      `${policy} to ${verdict}`,
      async () => {
        const record = await told(policy, verdict);
        return record !== undefined && record.id !== after?.id ? record : undefined;
      },
      patience(180),
    );
    await until("the push to be held", async () =>
      (await decisions(mesh.ports.http)).find(
        ({ subject, verdict: said, at }) =>
          subject.name === "push" && said === "applied" && at >= found.at,
      ),
    );
    return found;
  }

  /** Requests a second that the service gets while everything is asked, its burst of a quarter of a second left out: over 2 s. */
  async function servedRps(): Promise<number> {
    const traffic = startTraffic(port, 16);
    await sleep(500);
    const before = backend.requests;
    const from = performance.now();
    await sleep(2000);
    const rps = (backend.requests - before) / ((performance.now() - from) / 1000);
    await traffic.stop();
    return rps;
  }

  async function assertServes(rps: number, why: string): Promise<void> {
    const served = await servedRps();
    assert.ok(
      served > 0.75 * rps && served < 1.25 * rps,
      `${why}: ${served.toFixed(0)} requests a second, ${rps} are meant`,
    );
  }

  it("lets 100 of 400/s through for a deep queue, 200/s for a slow database, which it names and calls a success when that mends it, and 100/s for both", async () => {
    depth = 5000;
    const deep = await held("queue-backpressure", "act");
    await assertServes(100, "a queue alone");
    depth = 50;
    await held("queue-backpressure", "release");

    await until("20 s of a quick database, of which a forecast is made", () => known.size > 20, 40);
    assert.equal(await told("db-backpressure", "act"), undefined);
    latency = 0.2;
    const milestones = new Milestones();
    await until("the policy to act", () => told("db-backpressure", "act"), patience(180));
    milestones.reach("decided");
    const act = await held("db-backpressure", "act");
    milestones.reach("held");
    assert.match(act.because[0] ?? "", /pAbove/);
    const { headers } = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(headers.get("x-qmesh-decision"), act.id);
    // The database gets better because it is asked less.
    latency = 0.05;
    await assertServes(200, "a database alone");
    depth = 5000;
    await held("queue-backpressure", "act", deep);
    await assertServes(100, "both");
    await until("the success", () => told("db-backpressure", "success"), patience(360));
    milestones.reach("clean");
  });
});
