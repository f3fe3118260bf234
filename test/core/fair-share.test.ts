import assert from "node:assert/strict";
import fc from "fast-check";
import { FairShare } from "../../src/core/fair-share.ts";

/** `windows` windows of that many requests of each tenant (its index is its hash), then the shares. */
function sharesOf(
  rates: readonly number[],
  admitted: number,
  weights: readonly number[] = rates.map(() => 1),
  windows = 60,
): number[] {
  const fair = new FairShare();
  const count = (tenant: number) => fair.count(tenant + 1, weights[tenant] ?? 1);
  for (let window = 0; window < windows; window++) {
    for (const [tenant, rate] of rates.entries()) {
      for (let i = 0; i < rate; i++) count(tenant);
    }
    fair.tick(admitted);
  }
  return rates.map((_, tenant) => count(tenant));
}

describe("fair shares of tenants", () => {
  it("cut the one of 20 tenants that asks 20 times as much to what the others leave, and nobody else", () => {
    const rates = [200, ...Array.from({ length: 19 }, () => 10)];

    const [heavy = 0, ...light] = sharesOf(rates, 0.75);

    assert.ok(light.every((share) => share === 1));
    assert.ok(Math.abs(heavy * 200 - 102.5) < 1, `${heavy * 200}`);
  });

  it("divide 3 to 1 by weight between two that both ask for everything", () => {
    const [a = 0, b = 0] = sharesOf([100, 100], 0.4, [3, 1]);

    assert.ok(Math.abs(a - 0.6) < 0.01 && Math.abs(b - 0.2) < 0.01, `${a} ${b}`);
  });

  it("cut nobody while everything is admitted", () => {
    assert.deepEqual(sharesOf([500, 1, 30], 1), [1, 1, 1]);
  });

  it("admit what there is room for and at most 3 standard deviations a tenant more, and nobody less than a lighter one", () => {
    const rate = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        fc.array(rate, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (rates, admitted) => {
          const shares = sharesOf(rates, admitted);

          const got = rates.map((offered, tenant) => offered * (shares[tenant] ?? 0));
          const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
          const chance = sum(rates.map((offered) => 3 * Math.sqrt(offered / 19)));
          const excess = sum(got) - admitted * sum(rates);
          assert.ok(excess >= -0.02 * sum(rates) - 0.5 && excess <= chance, `${excess}`);
          const order = [...rates.keys()].sort((a, b) => (rates[a] ?? 0) - (rates[b] ?? 0));
          for (const [place, tenant] of order.entries()) {
            const lighter = place === 0 ? 0 : (got[order[place - 1] ?? 0] ?? 0);
            assert.ok((got[tenant] ?? 0) >= lighter - 3 * Math.sqrt(lighter / 19) - 1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hold the heaviest of 100,000 tenants with the memory of 1,024", () => {
    const fair = new FairShare();
    let share = 1;
    for (let window = 0; window < 30; window++) {
      for (let tenant = 1; tenant <= 5000; tenant++) fair.count(window * 5000 + tenant, 1);
      for (let i = 0; i < 5000; i++) share = fair.count(7_777_777, 1);
      fair.tick(0.5);
    }
    assert.ok(share < 0.9, `${share}`);
  });
});
