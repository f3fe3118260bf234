import assert from "node:assert/strict";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { Endpoint } from "../support/endpoint.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

const NAMES = ["eu-a", "eu-b", "us-a", "asia-a"] as const;
type Name = (typeof NAMES)[number];

describe("failover on real Envoys at two places and at none", () => {
  const endpoints = {} as Record<Name, Endpoint>;
  const drained = [] as Endpoint[];
  const ports: Record<string, number> = {};
  let mesh: Mesh;

  const at = (name: Name) => {
    const [region, zone] = name.split("-");
    return `{address: "${endpoints[name].address}", locality: {region: ${region}, zone: ${zone}}}`;
  };
  const check = "healthCheck: {path: /, interval: 100ms, unhealthy: 1, healthy: 1}";

  function writeDrained(draining: readonly Endpoint[]): void {
    const lines = drained.map(
      (each) =>
        `  - {address: "${each.address}", health: ${draining.includes(each) ? "draining" : "healthy"}}`,
    );
    mesh.writeIntent(`endpoints:\n${lines.join("\n")}\n`, "batch.endpoints");
  }

  before(async () => {
    for (const name of NAMES) endpoints[name] = await Endpoint.start(name);
    for (const name of ["one", "two", "three"]) drained.push(await Endpoint.start(name));
    mesh = new Mesh();
    writeDrained([]);
    const route = (name: string) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: edge}], hostnames: [${name}], rules: [{backendRefs: [{name: ${name}}]}]}`;
    const all = NAMES.map(at).join(", ");
    mesh.writeIntent(`
${EDGE_GATEWAY}
${["regions", "zones", "batch"].map(route).join("")}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: regions, owner: team}
spec: {endpoints: [${all}], failover: [{from: {region: eu}, to: {region: us}}, {from: {region: us}, to: {region: eu}}], ${check}}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: zones, owner: team}
spec: {endpoints: [${all}], trafficDistribution: PreferSameZone, ${check}}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: batch, owner: team}
spec: {file: batch.endpoints}
`);
    await mesh.startServe();
    for (const [id, locality] of [
      ["eu", "eu/a"],
      ["us", "us/a"],
      ["nowhere", undefined],
    ] as const) {
      const envoy = await mesh.startEnvoy(id, {
        concurrency: 1,
        ...(locality !== undefined && { locality }),
      });
      ports[id] = await listenerPort(envoy, "edge_0");
    }
  });
  after(async () => {
    await mesh?.stop();
    for (const each of [...Object.values(endpoints), ...drained]) each.stop();
  });

  const names = (bodies: readonly string[]) => [...new Set(bodies)].sort().join(" ");

  async function answers(from: string, host: string, count = 20): Promise<string[]> {
    const bodies: string[] = [];
    for (let i = 0; i < count; i++) {
      bodies.push((await ask(ports[from] ?? 0, { headers: { host } })).body);
    }
    return bodies;
  }

  /** Kills some, revives the rest. */
  function kill(...dead: readonly Name[]): void {
    for (const name of NAMES) endpoints[name].isAlive = !dead.includes(name);
  }

  const settles = (from: string, host: string, to: string) =>
    until(`${from} to send ${host} to ${to}`, async () => {
      return names(await answers(from, host)) === to || undefined;
    });

  it("gives 20 of 20 requests to the Envoy's own region, and spreads those of an Envoy that is nowhere", async () => {
    await settles("eu", "regions", "eu-a eu-b");
    await settles("us", "regions", "us-a");
    await settles("nowhere", "regions", "asia-a eu-a eu-b us-a");
  });

  it("sends 20 of 20 to the region that stands in when its own dies, to the rest when that dies too, and back", async () => {
    for (const [dead, to] of [
      [["eu-a", "eu-b"], "us-a"],
      [["eu-a", "eu-b", "us-a"], "asia-a"],
      [["us-a"], "eu-a eu-b"],
    ] as const) {
      kill(...dead);
      await settles("eu", "regions", to);
      assert.equal(names(await answers("eu", "regions")), to);
    }
    await settles("us", "regions", "eu-a eu-b");
    kill();
    await settles("us", "regions", "us-a");
  });

  it("prefers its own zone, then its region, then others", async () => {
    for (const [dead, to] of [
      [[], "eu-a"],
      [["eu-a"], "eu-b"],
      [["eu-a", "eu-b"], "asia-a us-a"],
    ] as const) {
      kill(...dead);
      await settles("eu", "zones", to);
    }
    kill();
  });

  it("gives 2 of 3 endpoints that drain nothing new in 30 requests, while the 3 in flight finish", async () => {
    await settles("eu", "batch", "one three two");
    for (const each of drained) each.isHolding = true;
    const port = ports.eu ?? 0;
    const held = Array.from({ length: 3 }, () =>
      ask(port, { path: "/hold", headers: { host: "batch" } }),
    );
    await until("3 requests in flight", () => sum(drained) === 3 || undefined);
    const draining = drained.filter(({ held: mine }) => mine.length > 0).slice(0, 2);
    writeDrained(draining);
    const left = names(drained.filter((each) => !draining.includes(each)).map(({ name }) => name));
    await settles("eu", "batch", left);
    const fresh = await answers("eu", "batch", 30);
    for (const response of drained.flatMap(({ held: mine }) => mine)) response.end("late");

    assert.equal(names(fresh), left);
    assert.deepEqual(
      (await Promise.all(held)).map(({ status, body }) => `${status} ${body}`),
      Array(3).fill("200 late"),
    );
  });
});

function sum(endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((total, { held }) => total + held.length, 0);
}
