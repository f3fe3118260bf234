import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const SLOTS = 16;
const SLOT_MS = 20;
const TIER = { tiers: [{ name: "only" }], unmatched: 0 };
const WEIGHTS = [{ value: "gold", weight: 3 }];
const TENANT = { tenant: { header: "x-tenant", weights: WEIGHTS } };

/** A backend of 16 slots of 20 ms; each tenant sends so many requests a 20 ms step for 10 s. What was served of each. */
function served(rates: Readonly<Record<string, number>>): Map<string, number> {
  const envoy = new FakeEnvoy(config(scope({ ...TIER, ...TENANT })));
  const queue: { stream: Stream; tenant: string }[] = [];
  const counts = new Map<string, number>();
  let id = 0;
  const names = Object.entries(rates).flatMap(([tenant, rate]) => Array<string>(rate).fill(tenant));
  for (let step = 0; step < 500; step++) {
    // In another order every time: who comes first in a step finds more room.
    for (let i = 0; i < names.length; i++) {
      const tenant = names[(i * 37 + step * 11) % names.length]!;
      const headers = [
        ["x-tenant", tenant],
        ["x-request-id", `${tenant}-${id++}`],
      ] as const;
      const stream = envoy.open({ headers });
      if (stream.request()) queue.push({ stream, tenant });
    }
    envoy.clock.advanceMs(SLOT_MS);
    for (const { stream, tenant } of queue.splice(0, SLOTS)) {
      stream.response();
      stream.end();
      if (step > 250) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    }
    if (step % 5 === 4) envoy.tick(0);
  }
  assert.ok(envoy.value("shop.shed.tenant") > 0);
  return counts;
}

describe("filter fair share", () => {
  it("gives a tenant that sends 2 of 16 slots >= 90 % of them beside one that sends 60", () => {
    const counts = served({ meek: 2, greedy: 60 });
    const share = (counts.get("meek") ?? 0) / (2 * 249);
    assert.ok(share >= 0.9, `${share}`);
  });

  it("gives a tenant of weight 3 twice to four times what one of weight 1 gets", () => {
    const counts = served({ gold: 40, plain: 40 });
    const ratio = (counts.get("gold") ?? 0) / (counts.get("plain") ?? 1);
    assert.ok(ratio >= 2 && ratio <= 4, `${ratio}`);
  });
});
