import assert from "node:assert/strict";
import { Endpoint } from "../support/endpoint.ts";
import { listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask, failures, startTraffic } from "../support/traffic.ts";

/** `region/zone` to how many sidecars of the caller, and how many endpoints of the callee, are there. */
const CALLERS = { "eu/a": 4, "eu/b": 1, "eu/c": 1, "us/a": 3 };
const ENDPOINTS = { "eu/a": 2, "eu/b": 2, "eu/c": 2, "us/a": 1 };
type Place = keyof typeof ENDPOINTS;

const REQUESTS = 1000;

describe("zone-aware routing of sidecars on two real Envoys", () => {
  const servers: { readonly place: Place; readonly endpoint: Endpoint }[] = [];
  const ports = {} as Record<"eu/a" | "eu/b", number>;
  const envoys: RunningEnvoy[] = [];
  let mesh: Mesh;

  function writeStock({ without, weight = 1 }: { without?: Place; weight?: number } = {}): void {
    const lines = servers
      .filter(({ place }) => place !== without)
      .map(({ place, endpoint }) => entry(endpoint.address, place, place === "eu/a" ? weight : 1));
    mesh.writeIntent(`endpoints:\n${lines.join("\n")}\n`, "stock.endpoints");
  }

  before(async () => {
    for (const [place, count] of Object.entries(ENDPOINTS) as [Place, number][]) {
      for (let i = 0; i < count; i++)
        servers.push({ place, endpoint: await Endpoint.start(place) });
    }
    mesh = new Mesh();
    const callers = Object.entries(CALLERS).flatMap(([place, count]) =>
      Array.from({ length: count }, () => place),
    );
    const addresses = callers.map((place, at) => entry(`127.0.0.1:${at + 1}`, place));
    mesh.writeIntent(`endpoints:\n${addresses.join("\n")}\n`, "front.endpoints");
    writeStock();
    const one = ["eu/a", "eu/b", "eu/c"].map((place) =>
      entry(servers.find((each) => each.place === place)?.endpoint.address ?? "", place),
    );
    mesh.writeIntent(`endpoints:\n${one.join("\n")}\n`, "alone.endpoints");
    mesh.writeIntent(`
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: front, owner: team}
spec: {file: front.endpoints, sidecar: {inbound: 0, app: "127.0.0.1:1", outbound: 0, calls: [alone, stock]}}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: stock, owner: team}
spec:
  file: stock.endpoints
  trafficDistribution: PreferSameZone
  failover: [{from: {region: eu}, to: {region: us}}]
  healthCheck: {path: /, interval: 500ms, unhealthy: 2, healthy: 1}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: alone, owner: team}
spec:
  file: alone.endpoints
  trafficDistribution: PreferSameZone
  healthCheck: {path: /, interval: 500ms, unhealthy: 2, healthy: 1}
`);
    await mesh.startServe();
    for (const place of ["eu/a", "eu/b"] as const) {
      const options = { service: "front", locality: place, concurrency: 1 };
      const envoy = await mesh.startEnvoy(`front-${place.replace("/", "-")}`, options);
      envoys.push(envoy);
      ports[place] = await listenerPort(envoy, "front_outbound_0");
    }
  });
  after(async () => {
    await mesh?.stop();
    for (const { endpoint } of servers) endpoint.stop();
  });

  /** Percent of the calls of an Envoy that each place gets. */
  async function split(
    from: keyof typeof ports,
    count: number,
    host = "stock",
  ): Promise<Record<string, number>> {
    const found: Record<string, number> = { "eu/a": 0, "eu/b": 0, "eu/c": 0, "us/a": 0 };
    for (let i = 0; i < count; i++) {
      const { status, body } = await ask(ports[from], { headers: { host } });
      assert.equal(status, "200");
      found[body] = (found[body] ?? 0) + 100 / count;
    }
    return found;
  }

  /** Five standard deviations of a half, in percent. */
  const BOUND = 500 * Math.sqrt(0.25 / REQUESTS);

  function assertSplit(found: Record<string, number>, expected: Partial<Record<Place, number>>) {
    for (const [place, percent] of Object.entries(found)) {
      const wanted = expected[place as Place] ?? 0;
      const bound = wanted === 0 || wanted === 100 ? 0.001 : BOUND;
      assert.ok(Math.abs(percent - wanted) <= bound, `${place}: ${JSON.stringify(found)}`);
    }
  }

  /** Until 40 calls in a row go only to these. */
  const settles = (places: readonly Place[], host?: string) =>
    until(`${places.join(", ")} to have all calls`, async () => {
      const found = await split("eu/a", 40, host);
      const taking = Object.keys(found).filter((place) => (found[place] ?? 0) > 0);
      return taking.join() === places.join() || undefined;
    });

  function kill(...dead: readonly Place[]): void {
    for (const { place, endpoint } of servers) endpoint.isAlive = !dead.includes(place);
  }

  it("keeps 50 % of the calls of a zone with 4 of 6 callers and 2 of 6 endpoints, and gives 25 % to each of two others", async () => {
    assertSplit(await split("eu/a", REQUESTS), { "eu/a": 50, "eu/b": 25, "eu/c": 25 });
  });

  it("keeps 200 of 200 calls of a zone with 1 of 6 callers", async () => {
    assertSplit(await split("eu/b", 200), { "eu/b": 100 });
  });

  it("keeps 200 of 200 calls of a zone with 4 of 6 callers once its 2 endpoints weigh 8 of 12", async () => {
    writeStock({ weight: 4 });
    await settles(["eu/a"]);
    assertSplit(await split("eu/a", 200), { "eu/a": 100 });
    writeStock();
    await settles(["eu/a", "eu/b", "eu/c"]);
  });

  it("fails 0 requests when a zone loses its endpoints under load, and halves its calls between two others", async () => {
    const load = startTraffic(ports["eu/a"], 4, "/", { host: "stock" });
    await until("200 requests before", () => load.outcome.total > 200 || undefined);
    writeStock({ without: "eu/a" });
    await settles(["eu/b", "eu/c"]);
    const outcome = await load.stop();

    assert.equal(failures(outcome), 0, JSON.stringify([...outcome.byStatus]));
    assertSplit(await split("eu/a", REQUESTS), { "eu/b": 50, "eu/c": 50 });
    writeStock();
    await settles(["eu/a", "eu/b", "eu/c"]);
  });

  it("gives all calls to 1 of 3 zones that is left, and to another region when none is", async () => {
    kill("eu/a", "eu/b");
    await settles(["eu/c"], "alone");
    assertSplit(await split("eu/a", 200, "alone"), { "eu/c": 100 });
    kill("eu/a", "eu/b", "eu/c");
    await settles(["us/a"]);
    assertSplit(await split("eu/a", 200), { "us/a": 100 });
    kill();
    await settles(["eu/a", "eu/b", "eu/c"]);
  });
});

function entry(address: string, place: string, weight = 1): string {
  const [region, zone] = place.split("/");
  return `  - {address: "${address}", locality: {region: ${region}, zone: ${zone}}, weight: ${weight}}`;
}
