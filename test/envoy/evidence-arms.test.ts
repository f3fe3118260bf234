import assert from "node:assert/strict";
import { setInterval } from "node:timers";
import { z } from "zod";
import { fetchAnswer, fetchStatus } from "../../src/api/client.ts";
import { serviceView } from "../../src/api/view/service.ts";
import { Backend } from "../support/backend.ts";
import { sloOf } from "../support/documents.ts";
import { shopIntent } from "../support/intents.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

const FAILING = 0.2;

/** Each 2 s are good if `share` of their requests were. */
function slicesOf(name: string, share: number): string {
  return sloOf("shop")
    .replace("name: shop", `name: ${name}`)
    .replace("Occurrences", "Timeslices")
    .replace("{target: 0.99}", `{target: 0.99, timeSliceTarget: ${share}, timeSliceWindow: 2s}`);
}

const OBJECTIVES = [sloOf("shop"), slicesOf("half", 0.5), slicesOf("most", 0.9)].join("\n---\n");
const MAINTENANCE = `apiVersion: quantum.mesh/v1
kind: Maintenance
metadata: {name: repair, owner: team-shop}
spec:
  when: {from: "2020-01-01T00:00:00Z", to: "2120-01-01T00:00:00Z"}
  scope: {service: shop}
  sloExclude: true`;

/** Two localities, tenants by header, three tiers; the outlier setting is what our own pushes change. */
function intent(ports: readonly [number, number], consecutive5xx: number): string {
  const [a, b] = ports;
  const endpoint = (port: number, zone: string) =>
    `{address: "127.0.0.1:${port}", locality: {region: eu, zone: ${zone}}}`;
  return shopIntent({ endpoints: { v1: [a] }, mode: "shadow" })
    .replace(
      `v1: {endpoints: ["127.0.0.1:${a}"]}`,
      `v1: {endpoints: [${endpoint(a, "a")}, ${endpoint(b, "b")}]}`,
    )
    .replace(
      "  circuitBreaker:",
      `  outlier: {consecutive5xx: ${consecutive5xx}, maxEjected: 1%}\n  circuitBreaker:`,
    )
    .replace("  mode: shadow", "  mode: shadow\n  tenant: {header: x-tenant}");
}

describe("evidence by locality, tier and tenant of a real Envoy", () => {
  const mesh = new Mesh();
  let backends: readonly [Backend, Backend];
  let envoy: RunningEnvoy;
  let load: NodeJS.Timeout;
  const ports = () => [backends[0].port, backends[1].port] as const;

  before(async () => {
    backends = [
      await Backend.start("a", { failing: FAILING }),
      await Backend.start("b", { failing: FAILING }),
    ];
    mesh.writeIntent(intent(ports(), 900));
    mesh.writeIntent(OBJECTIVES, "objectives.yaml");
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1");
    const port = await listenerPort(envoy, "edge_0");
    let sent = 0;
    load = setInterval(() => {
      for (let i = 0; i < 4; i++) {
        const headers = {
          "x-tenant": sent % 4 === 0 ? "acme" : "globex",
          "x-criticality": sent % 2 === 0 ? "critical" : "none",
          traceparent: `00-${String(sent).padStart(32, "a")}-${"b".repeat(16)}-01`,
        };
        sent += 1;
        void ask(port, { headers });
      }
    }, 10);
  });
  after(async () => {
    clearInterval(load);
    await mesh.stop();
    for (const backend of backends ?? []) backend.stop();
  });

  async function shop() {
    const server = { server: `127.0.0.1:${mesh.ports.http}` };
    const answer = await fetchAnswer(server, "/v1/services/shop", serviceView);
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value;
  }

  it("tells both localities with 20 % errors, both tenants and both tiers", async () => {
    const parts = await until(
      "all parts of the service",
      async () => {
        // Endpoints are a sample, and have ports of the moment.
        const { errorRatio, parts: all } = await shop();
        const parts = all.filter(({ part }) => part !== "endpoint");
        const judged = parts.filter(
          ({ part, errorRatio: known }) => part !== "locality" || known !== undefined,
        );
        return errorRatio !== undefined && judged.length >= 7 ? judged : undefined;
      },
      60,
    );

    const names = parts.map(({ part, name }) => `${part} ${name}`);
    assert.deepEqual(
      [...names].sort(),
      [
        ...["locality eu/a", "locality eu/b", "tenant acme", "tenant globex"],
        ...["tier critical", "tier default", "version v1"],
      ].sort(),
    );
    for (const { part, name, errorRatio = -1 } of parts) {
      if (part !== "locality") continue;
      assert.ok(errorRatio > 0.1 && errorRatio < 0.3, `${name}: ${errorRatio}`);
    }
  });

  it("says nothing false over 10 own pushes that start the counters of errors anew", async () => {
    const seen: number[] = [];
    for (let push = 1; push <= 10; push++) {
      const before = (await envoyStat(envoy, "cluster_manager.cds.update_success")) ?? 0;
      mesh.writeIntent(intent(ports(), 900 + push));
      await until("Envoy to take the push", async () => {
        const now = (await envoyStat(envoy, "cluster_manager.cds.update_success")) ?? 0;
        return now > before ? true : undefined;
      });
      const { errorRatio } = await shop();
      if (errorRatio !== undefined) seen.push(errorRatio);
    }
    assert.ok(seen.length > 0);
    for (const ratio of seen) assert.ok(ratio > 0.15 && ratio < 0.25, seen.join(", "));
  });

  it("agrees in both accounts of its requests after them", async () => {
    const answer = await fetchStatus({ server: `127.0.0.1:${mesh.ports.http}` });
    if (!answer.ok) throw new Error(answer.reason);
    assert.deepEqual(answer.value.telemetry?.disagreements, []);
  });

  it("keeps sampled failures with trace and request id", async () => {
    const failure = z.object({ traceId: z.string(), requestId: z.string(), status: z.number() });
    const page = z.object({ items: z.array(failure) });
    const server = { server: `127.0.0.1:${mesh.ports.http}` };
    const items = await until("a sampled failure", async () => {
      const answer = await fetchAnswer(server, "/v1/failures?service=shop", page);
      return answer.ok && answer.value.items.length > 0 ? answer.value.items : undefined;
    });
    for (const { traceId, requestId, status } of items) {
      assert.match(traceId, /^a+\d+$/);
      assert.match(requestId, /^[0-9a-f-]{36}$/);
      assert.equal(status, 500);
    }
  });

  it("judges slices of 2 s whole, and by nothing of a Maintenance in which all fails", async () => {
    const attained = async () =>
      Object.fromEntries((await shop()).objectives.map(({ name, ...of }) => [name, of.attained]));
    const assertShares = ({ shop: share = 0, half, most }: Record<string, number | undefined>) => {
      assert.ok(Math.abs(share - (1 - FAILING)) < 0.01, `${share}`);
      assert.deepEqual({ half, most }, { half: 1, most: 0 });
    };
    const judged = await until("a slice that no push of ours left void", async () => {
      const shares = await attained();
      return shares.half === undefined || shares.most === undefined ? undefined : shares;
    });
    assertShares(judged);

    const digest = async () => {
      const answer = await fetchStatus({ server: `127.0.0.1:${mesh.ports.http}` });
      return answer.ok ? answer.value.intent.digest : undefined;
    };
    const before = await digest();
    mesh.writeIntent(MAINTENANCE, "maintenance.yaml");
    await until("the Maintenance", async () => ((await digest()) === before ? undefined : true));
    for (const backend of backends) backend.failing = 1;
    await until("failures", async () => {
      const { errorRatio = 0 } = await shop();
      return errorRatio > FAILING + 0.05 ? true : undefined;
    });
    assertShares(await attained());
  });
});
