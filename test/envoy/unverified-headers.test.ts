import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
import { until } from "../support/mesh.ts";
import {
  httpRoute,
  loopbackGateway,
  oneVersion,
  policySet,
  service,
  shedding,
} from "../support/policy-set.ts";
import { ask } from "../support/traffic.ts";

const TIERS = ["gold", "open", "rest"];
/** As many characters as the intent takes, of two bytes each. */
const LONGEST = "ß".repeat(128);
const GOLD = { headers: [{ name: "x-criticality", value: "critical" }] };

/** The tier `gold` is for who says so in a header that counts from the mesh only; `open` for anyone who says so. */
function intent(port: number): PolicySet {
  return policySet({
    gateways: [loopbackGateway()],
    httpRoutes: [httpRoute()],
    services: [service({ versions: oneVersion(port) })],
    sheddings: [
      shedding({
        tiers: [
          { name: "gold", matches: [GOLD] },
          { name: "open", matches: [{ headers: [{ name: "x-open", value: "1" }] }] },
          { name: "rest", matches: [] },
        ],
        unmatched: 2,
        meshOnlyHeaders: ["x-criticality"],
        tenant: { header: "x-tenant", weights: { acme: 2, "größe 1": 0.001, [LONGEST]: 1000 } },
      }),
    ],
  });
}

describe("headers nobody verified, at a gateway", () => {
  const seen: string[][] = [];
  let backend: Server;
  let envoy: FileEnvoy;
  let port: number;

  before(async () => {
    backend = createServer((request, response) => {
      seen.push(request.rawHeaders.map((text) => text.toLowerCase()));
      response.end("ok");
    });
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    const set = intent((backend.address() as AddressInfo).port);
    const memory = new Map([["checkout", { limit: 41.5, baselineMs: 20.25 }]]);
    envoy = await startEdge(set, { memory });
    port = await envoy.port("edge_0");
  });

  after(async () => {
    await envoy?.stop();
    backend.close();
  });

  /** Sends 5 requests with the header; what the filter then counted more, by tier. */
  async function countTiers(headers: Record<string, string>): Promise<Record<string, number>> {
    const before = await admitted();
    for (let i = 0; i < 5; i++) await ask(port, { headers });
    return until("the filter to publish 5 requests more", async () => {
      const after = await admitted();
      const more = TIERS.map((tier, i): [string, number] => [tier, after[i]! - before[i]!]);
      const sum = more.reduce((total, [, count]) => total + count, 0);
      return sum >= 5 ? Object.fromEntries(more) : undefined;
    });
  }

  const admitted = async () => {
    const text = await envoy.admin("/stats?filter=qmesh.checkout.tier");
    const count = (tier: string) => new RegExp(`tier.${tier}.admitted: (\\d+)`).exec(text)?.[1];
    return TIERS.map((tier) => Number(count(tier) ?? 0));
  };

  it("a spoofed x-criticality raises 0 of 5 requests to gold, and reaches the service 0 times", async () => {
    seen.length = 0;
    const tiers = await countTiers({ "X-Criticality": "critical" });

    assert.deepEqual(tiers, { gold: 0, open: 0, rest: 5 });
    assert.equal(seen.length, 5);
    assert.deepEqual(
      seen.filter((headers) => headers.includes("critical")),
      [],
    );
  });

  it("a spoofed x-qmesh-tier does not reach the service in 5 requests", async () => {
    seen.length = 0;
    const tiers = await countTiers({ "X-Qmesh-Tier": "gold;17" });

    assert.deepEqual(tiers, { gold: 0, open: 0, rest: 5 });
    assert.equal(seen.length, 5);
    assert.deepEqual(
      seen.filter((headers) => headers.includes("gold;17")),
      [],
    );
  });

  it("a header that no Shedding trusts from the mesh only counts from anyone, 5 of 5 times", async () => {
    assert.deepEqual(await countTiers({ "x-open": "1" }), { gold: 0, open: 5, rest: 0 });
  });
});
