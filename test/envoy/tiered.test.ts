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

/** Requests a second of each plan, and what the database behind the service takes before it refuses at once. */
const PLANS = { gold: 300, silver: 150, bronze: 450 } as const;
type Plan = keyof typeof PLANS;
const CAPACITY = 650;
/** The twentieth of 2000 that the example leaves to bronze. */
const BRONZE = 100;

const TICK_MS = 20;

/** Of the requests that were not refused by name, those answered well. */
function share([good = 0, , failed = 0]: readonly number[] = []): number {
  return good / Math.max(1, good + failed);
}

describe(`examples/tiered on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  const agent = new Agent({ keepAlive: true });
  let load: NodeJS.Timeout | undefined;
  let tokens = 0;
  let filledMs = performance.now();
  /** It fails at once what is beyond its capacity, and never gets slow: nothing that the filter's law could see. */
  const backend = createServer((_request, response) => {
    const now = performance.now();
    tokens = Math.min(CAPACITY / 10, tokens + ((now - filledMs) / 1000) * CAPACITY);
    filledMs = now;
    response.statusCode = tokens >= 1 ? 200 : 503;
    tokens = Math.max(0, tokens - 1);
    response.end();
  });

  after(async () => {
    clearInterval(load);
    agent.destroy();
    await mesh.stop();
    backend.close();
    backend.closeAllConnections();
  });

  const policy = async (verdict: string) =>
    (await decisions(mesh.ports.http)).find(
      ({ subject, verdict: said }) => subject.name === "gold-first" && said === verdict,
    );

  it("limits bronze alone once gold misses its objective, so that 98 % of gold and silver are answered again", async () => {
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    const { port: backendPort } = backend.address() as AddressInfo;
    mesh.writeIntent(exampleIntent("tiered", { 9091: backendPort, 8000: 0 }));
    await mesh.startServe();
    const port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
    const seen = { gold: [0, 0, 0], silver: [0, 0, 0], bronze: [0, 0, 0] };
    const send = async (plan: Plan) => {
      const { status } = await ask(port, { headers: { "x-plan": plan }, agent });
      const counts = seen[plan];
      counts[status === "200" ? 0 : status === "429" ? 1 : 2]! += 1;
    };
    const milestones = new Milestones();
    load = setInterval(() => {
      for (const plan of Object.keys(PLANS) as Plan[]) {
        for (let i = 0; i < (PLANS[plan] * TICK_MS) / 1000; i++) void send(plan);
      }
    }, TICK_MS);
    await until("the policy to act", () => policy("act"), patience(60));
    milestones.reach("decided");
    const before = structuredClone(seen);
    assert.ok(share(before.gold) < 0.9, `${before.gold}`);
    // Half a second until Envoy has it and the database has its connections back.
    await sleep(500);
    const held = structuredClone(seen);
    milestones.reach("held");
    await sleep(2500);
    const [gold, silver, bronze] = (["gold", "silver", "bronze"] as const).map((plan) =>
      seen[plan].map((count, at) => count - (held[plan][at] ?? 0)),
    );
    const told = JSON.stringify([gold, silver, bronze]);
    assert.ok(share(gold) >= 0.98 && share(silver) >= 0.98, told);
    assert.deepEqual([gold?.[1], silver?.[1]], [0, 0]);
    assert.ok((bronze?.[1] ?? 0) > 500 && (bronze?.[0] ?? 0) < BRONZE * 3, told);
    milestones.reach("clean");
  });
});
