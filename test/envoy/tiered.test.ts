import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { ask } from "../support/traffic.ts";

/** Requests each 20 ms of each plan. */
const PLANS = { gold: 5, silver: 1, bronze: 10 } as const;
type Plan = keyof typeof PLANS;
const TICK_MS = 20;

/** The twentieth of 1000 a second, and of the burst of 1000, that the example leaves to bronze. */
const BRONZE_RPS = 50;
const BRONZE_BURST = 50;

/** Requests that it can answer for each one of gold. */
const CAPACITY = 1.8;

/**
 * A service that fails at once what is beyond its capacity, whoever asks, and never gets slow: nothing that the filter's law
 * could see. Its capacity is in proportion to gold and not to time, so that a slow machine changes nothing.
 */
function startService() {
  let [all, gold, due] = [0, 0, 0];
  const server = createServer(({ headers }, response) => {
    all = 0.99 * all + 1;
    gold = 0.99 * gold + Number(headers["x-plan"] === "gold");
    due += Math.max(0, 1 - (CAPACITY * gold) / all);
    response.statusCode = due >= 1 ? 503 : 200;
    if (due >= 1) due -= 1;
    response.end();
  });
  return server.listen(0, "127.0.0.1");
}

/** Of the requests that were not refused by name, those answered well. */
function share([good = 0, , failed = 0]: readonly number[] = []): number {
  return good / Math.max(1, good + failed);
}

/** Of all of them, those refused with 429. */
function refused([good = 0, limited = 0, failed = 0]: readonly number[] = []): number {
  return limited / Math.max(1, good + limited + failed);
}

describe(`examples/tiered on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  const agent = new Agent({ keepAlive: true });
  const service = startService();
  /** Answered well, refused with 429, failed. */
  const seen = { gold: [0, 0, 0], silver: [0, 0, 0], bronze: [0, 0, 0] };
  let load: NodeJS.Timeout | undefined;

  after(async () => {
    clearInterval(load);
    agent.destroy();
    await mesh.stop();
    service.close();
    service.closeAllConnections();
  });

  async function send(port: number, plan: Plan): Promise<void> {
    const { status } = await ask(port, { headers: { "x-plan": plan }, agent });
    const counts = seen[plan];
    const at = status === "200" ? 0 : status === "429" ? 1 : 2;
    counts[at] = (counts[at] ?? 0) + 1;
  }

  it("limits bronze alone once gold misses its objective, so that 98 % of gold and 95 % of silver are answered again, and half of bronze refused", async () => {
    if (!service.listening) await once(service, "listening");
    const { port: servicePort } = service.address() as AddressInfo;
    mesh.writeIntent(exampleIntent("tiered", { 9091: servicePort, 8000: 0 }));
    await mesh.startServe();
    const port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
    const milestones = new Milestones();
    load = setInterval(() => {
      for (const plan of Object.keys(PLANS) as Plan[]) {
        for (let i = 0; i < PLANS[plan]; i++) void send(port, plan);
      }
    }, TICK_MS);
    const act = await until(
      "the policy to act",
      async () =>
        (await decisions(mesh.ports.http)).find(
          ({ subject, verdict }) => subject.name === "gold-first" && verdict === "act",
        ),
      patience(60),
    );
    milestones.reach("decided");
    const before = seen.gold.slice();
    await until("the push to be held", async () =>
      (await decisions(mesh.ports.http)).find(
        ({ subject, verdict, at }) =>
          subject.name === "push" && verdict === "applied" && at >= act.at,
      ),
    );
    milestones.reach("held");
    const held = structuredClone(seen);
    const heldMs = performance.now();
    // What is measured is a rate.
    await sleep(2000);
    const seconds = (performance.now() - heldMs) / 1000;
    const [gold, silver, bronze] = (["gold", "silver", "bronze"] as const).map((plan) =>
      seen[plan].map((count, at) => count - (held[plan][at] ?? 0)),
    );
    const told = JSON.stringify({ before, gold, silver, bronze, seconds });
    assert.ok(share(before) < 0.8, told);
    assert.ok(share(gold) >= 0.98 && share(silver) >= 0.95, told);
    const [none, few, most] = [gold, silver, bronze].map(refused);
    assert.ok((none ?? 1) < 0.01 && (few ?? 1) < 0.05 && (most ?? 0) > 0.5, told);
    assert.ok((bronze?.[0] ?? 0) <= BRONZE_RPS * seconds + BRONZE_BURST, told);
    milestones.reach("clean");
  });
});
