import assert from "node:assert/strict";
import { setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { ask } from "../support/traffic.ts";

const RPS = 150;
/** As the example says of each endpoint. */
const CAPACITY = 80;
const BOUND = 0.85 * CAPACITY;

describe(`examples/regional on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  const regions: Backend[] = [];
  let load: NodeJS.Timeout | undefined;
  let sampler: NodeJS.Timeout | undefined;

  after(async () => {
    clearInterval(load);
    clearInterval(sampler);
    await mesh.stop();
    for (const each of regions) each.stop();
  });

  const policy = async (verdict: string) =>
    (await decisions(mesh.ports.http)).find(
      ({ subject, verdict: said }) => subject.name === "leave-eu" && said === verdict,
    );

  const asked = () => ({ ms: performance.now(), of: regions.map(({ requests }) => requests) });

  /** Requests a second of each region between two looks. */
  function rates(from: ReturnType<typeof asked>, to: ReturnType<typeof asked>): number[] {
    return to.of.map((count, at) => (1000 * (count - (from.of[at] ?? 0))) / (to.ms - from.ms));
  }

  /** Of all; a machine that is slow asks all of them less. */
  function sharesOf(rps: readonly number[]): number[] {
    const all = rps.reduce((sum, each) => sum + each, 0);
    return rps.map((each) => each / all);
  }

  it("moves eu to us and asia in two steps, until each has above 40 % of all requests and eu below a sixth, and asks neither for more than 85 % of the 80 a second it can carry in any 2 s", async () => {
    for (const name of ["eu", "us", "asia"]) regions.push(await Backend.start(name));
    const [eu, us, asia] = regions;
    if (eu === undefined || us === undefined || asia === undefined) throw new Error("unreachable");
    const ports = { 9071: eu.port, 9072: us.port, 9073: asia.port, 8000: 0 };
    mesh.writeIntent(exampleIntent("regional", ports));
    await mesh.startServe();
    const port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
    load = setInterval(() => {
      for (let i = 0; i < RPS / 50; i++) void ask(port);
    }, 20);
    const looks = [asked()];
    // Rates are of 2 s, here and below, as the example bounds them.
    await sleep(2000);
    looks.push(asked());
    const calm = rates(looks[0] ?? asked(), looks[1] ?? asked());
    const shares = sharesOf(calm);
    assert.ok(
      shares.every((share) => share > 0.27 && share < 0.37),
      `${shares}`,
    );
    eu.failing = 0.8;
    const milestones = new Milestones();
    sampler = setInterval(() => looks.push(asked()), 1000);
    await until("the policy to act", () => policy("act"), patience(60));
    milestones.reach("decided");
    await until("the second step", () => policy("go on"), patience(120));
    milestones.reach("held");
    const second = asked();
    await sleep(2000);
    const [left = 0, ...moved] = rates(second, asked());
    const most = looks.slice(2).flatMap((from, at) => {
      const to = looks[at + 4];
      return to === undefined ? [] : rates(from, to).slice(1);
    });
    const told = `${left} left, ${moved} moved to, at most ${Math.max(...most)}`;
    const [stays = 0, ...goes] = sharesOf([left, ...moved]);
    assert.ok(stays > 0.03 && stays < 1 / 6, told);
    assert.ok(goes.every((share) => share > 0.4) && Math.max(...moved) <= BOUND, told);
    assert.ok(most.length > 10 && Math.max(...most) <= BOUND, told);
    milestones.reach("clean");
  });
});
