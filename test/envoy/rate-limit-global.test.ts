import assert from "node:assert/strict";
import { Backend } from "../support/backend.ts";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { getJson, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";

/** A token a day: none comes back during a test, so that every count is exact. */
const limit = (name: string, target: string, rest: string) => `
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: ${name}, owner: test}
spec: {target: {${target}}, rate: 1/d, scope: global, ${rest}}`;

const route = (name: string) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge}]
  rules: [{matches: [{path: {value: /${name}}}], backendRefs: [{name: shop}]}]`;

const intent = (port: number) => `
${EDGE_GATEWAY}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: test}
spec: {endpoints: ["127.0.0.1:${port}"]}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: shop, owner: test}
spec: {target: {service: shop}, tiers: [{name: all}]}
${["shared", "tenants", "shadow", "allow", "deny", "local"].map(route).join("")}
${limit("shared", "route: shared", "burst: 4")}
${limit("tenants", "route: tenants", "burst: 2, per: [{header: x-tenant}]")}
${limit("shadow", "route: shadow", "burst: 1, mode: shadow, onUnavailable: deny")}
${limit("allow", "route: allow", "burst: 100, onUnavailable: allow")}
${limit("deny", "route: deny", "burst: 100, onUnavailable: deny")}
${limit("local", "route: local", "burst: 3, onUnavailable: local")}
`;

interface Status {
  readonly rateLimits: readonly { limit: string; admitted: number; refused: number }[];
  readonly nodes: readonly {
    id: string;
    evidence?: { scopes: readonly { scope: string; tiers: readonly { admitted: number }[] }[] };
  }[];
}

describe("global rate limits on two real Envoys", () => {
  const mesh = new Mesh();
  let backend: Backend;
  let ports: number[];

  before(async () => {
    backend = await Backend.start("ok");
    mesh.writeIntent(intent(backend.port));
    await mesh.startServe();
    const envoys: RunningEnvoy[] = [];
    for (const id of ["edge-1", "edge-2"])
      envoys.push(await mesh.startEnvoy(id, { concurrency: 1 }));
    ports = await Promise.all(envoys.map((envoy) => listenerPort(envoy, "edge_0")));
  });
  after(async () => {
    await mesh.stop();
    backend?.stop();
  });

  /** Statuses of `count` requests, in turn through both Envoys. */
  async function send(count: number, path: string, headers: Record<string, string> = {}) {
    const statuses: number[] = [];
    for (let sent = 0; sent < count; sent++) {
      const response = await fetch(`http://127.0.0.1:${ports[sent % 2]}${path}`, { headers });
      await response.text();
      statuses.push(response.status);
      if (response.status !== 429) continue;
      assert.equal(response.headers.get("x-envoy-ratelimited"), "true");
    }
    return statuses;
  }

  const passed = (statuses: readonly number[]) => statuses.filter((each) => each === 200).length;
  const status = async () =>
    (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as Status;

  it("passes 4 of 12 through both together, and says when to come again", async () => {
    assert.equal(passed(await send(12, "/shared")), 4);
  });

  it("passes 2 of each tenant, and 2 of all without one", async () => {
    for (const headers of [{ "x-tenant": "a" }, { "x-tenant": "b" }, {}])
      assert.equal(passed(await send(6, "/tenants", headers as Record<string, string>)), 2);
  });

  it("passes 8 of 8 in shadow, and shows that 7 would have been refused", async () => {
    assert.equal(passed(await send(8, "/shadow")), 8);

    const shown = (await status()).rateLimits.find((each) => each.limit === "shadow");
    assert.deepEqual(shown, {
      limit: "shadow",
      mode: "shadow",
      admitted: 8,
      refused: 0,
      wouldRefuse: 7,
    });
  });

  it("refuses by the stand-in of each Envoy without asking: 3 of 10 pass, the service refuses none of one Envoy's", async () => {
    const first = ports[1];
    ports = [ports[0] ?? 0, ports[0] ?? 0];
    assert.equal(passed(await send(10, "/local")), 3);
    ports = [ports[0] ?? 0, first ?? 0];

    const shown = (await status()).rateLimits.find((each) => each.limit === "local");
    assert.deepEqual([shown?.admitted, shown?.refused], [3, 0]);
  });

  it("shows the shedding filter only the 21 requests that no limit refused", async () => {
    const admitted = await until("the filter's count", async () => {
      const { nodes } = await status();
      const tiers = nodes.flatMap(({ evidence }) => evidence?.scopes ?? []);
      const sum = tiers.flatMap(({ tiers: all }) => all).reduce((n, tier) => n + tier.admitted, 0);
      return sum >= 21 ? sum : undefined;
    });

    assert.equal(admitted, 4 + 6 + 8 + 3);
  });

  describe("while no control plane answers", () => {
    before(async () => {
      assert.deepEqual(await send(2, "/deny"), [200, 200]);
      await mesh.killServe();
    });

    it("lets all pass with `allow` and in shadow", async () => {
      assert.equal(passed(await send(6, "/allow")), 6);
      assert.equal(passed(await send(6, "/shadow")), 6);
    });

    it("answers 503 with `deny`", async () => {
      assert.deepEqual(await send(3, "/deny"), [503, 503, 503]);
    });

    it("counts in each Envoy with `local`: 3 of the second's 10 pass, and 0 of the first's, which had them", async () => {
      assert.deepEqual([passed(await send(20, "/local"))], [3]);
    });
  });
});
