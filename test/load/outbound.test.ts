import assert from "node:assert/strict";
import { Children } from "../../src/cli/children.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../../src/cli/demo/plan.ts";
import { runLoad, startService } from "../../src/cli/demo/run.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";

const SLOTS = 8;
const SLOT_MS = 20;
const LOAD = 3;
const SECONDS = 6;
const SEED = 78;

/** `front` calls `demo` by their sidecars; `demo` reports its load or does not. */
function intent(ports: { app: number; inbound: number }, loadReport: boolean): string {
  const sidecar = (app: number, calls: string) =>
    `sidecar: {inbound: 0, app: "127.0.0.1:${app}", outbound: 0, calls: [${calls}]}`;
  const service = (name: string, port: number, side: string) => `
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {endpoints: ["127.0.0.1:${port}"], ${side}}`;
  const tier = (name: string) =>
    `{name: ${name}, matches: [{headers: [{name: x-criticality, value: ${name}}]}]}`;
  return `
${service("front", 1, sidecar(1, "demo"))}
${service("demo", ports.inbound, sidecar(ports.app, ""))}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: demo, owner: team}
spec:
  target: {service: demo}
  tiers: [${tier("critical")}, {name: default}, ${tier("sheddable")}]
  answer: {loadReport: ${loadReport}}
`;
}

describe("shedding at the caller on two real Envoys", () => {
  const mesh = new Mesh();
  const children = new Children();
  let caller: RunningEnvoy;
  let callee: RunningEnvoy;
  let ports: { app: number; inbound: number };

  before(async () => {
    const service = await startService(children, { slots: SLOTS, slotMs: SLOT_MS });
    ports = { app: service.port, inbound: 1 };
    mesh.writeIntent(intent(ports, false));
    await mesh.startServe();
    callee = await mesh.startEnvoy("demo-1", { service: "demo", concurrency: 2 });
    ports = { ...ports, inbound: await listenerPort(callee, "demo_inbound_0") };
    mesh.writeIntent(intent(ports, false));
    caller = await mesh.startEnvoy("front-1", { service: "front", concurrency: 2 });
  });
  after(async () => {
    await mesh.stop();
    await children.stop();
  });

  async function shed(envoy: RunningEnvoy, ...tiers: readonly string[]): Promise<number> {
    const counts = tiers.map((tier) => envoyStat(envoy, `wasmcustom.qmesh.demo.tier.${tier}.shed`));
    return (await Promise.all(counts)).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }

  async function overload() {
    const rps = LOAD * capacityRps(SLOTS, SLOT_MS);
    const before = await shed(callee, "default", "sheddable");
    const port = await listenerPort(caller, "front_outbound_0");
    const phases = [{ seconds: SECONDS, rps }];
    const order = { port, phases, tiers: TIERS, seed: SEED, deadlineMs: DEADLINE_MS };
    const [counts] = (await runLoad(children, order)).phases;
    const [critical] = counts ?? [];
    const served = counts?.reduce((sum, count) => sum + count.served, 0) ?? 0;
    return {
      atCallee: (await shed(callee, "default", "sheddable")) - before,
      critical: (critical?.served ?? 0) / (critical?.offered ?? 1),
      goodput: served / (SECONDS * capacityRps(SLOTS, SLOT_MS)),
    };
  }

  it(`lets the callee shed at most a third as much at ${LOAD}x, with >= 98 % of critical requests and goodput >= 0.9`, async () => {
    const alone = await overload();
    mesh.writeIntent(intent(ports, true));
    await until("the caller to hold the scope", async () =>
      (await envoyStat(caller, "wasmcustom.qmesh.demo.reports")) === undefined ? undefined : true,
    );
    const held = await overload();

    const seen = JSON.stringify({ alone, held, seed: SEED });
    assert.ok(alone.atCallee > 1000, seen);
    assert.ok(held.atCallee <= alone.atCallee / 3, seen);
    assert.ok(held.critical >= 0.98 && held.goodput >= 0.9, seen);
    assert.equal(await shed(caller, "critical"), 0);
    assert.ok((await shed(caller, "default", "sheddable")) > 1000, seen);
  });
});
