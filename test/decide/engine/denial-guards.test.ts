import assert from "node:assert/strict";
import { denialGuards, guarded } from "../../../src/decide/engine/denial-guards.ts";
import type { PolicyAction } from "../../../src/policy/intent/action.ts";
import type { PolicyGuard } from "../../../src/policy/intent/policy.ts";

const GUARD: PolicyGuard = {
  minIntervalSeconds: 60,
  budgetPerHour: 4,
  floor: {},
  exempt: ["spiffe://mesh/ns/infra/*", "root"],
  maxPrincipals: 50,
};

type Deny = Extract<PolicyAction, { kind: "deny" }>;
const failed = (parts: Partial<Deny>): readonly string[] =>
  denialGuards(GUARD, { kind: "deny", ...parts })
    .filter(({ passed }) => !passed)
    .map(({ name }) => name);

describe("the guard of a denial", () => {
  it("lets nobody exempt be denied, by certificate, claim or header, and others be", () => {
    const infra = "spiffe://mesh/ns/infra/dns";
    assert.deepEqual(failed({ principal: infra }), ["exempt"]);
    assert.deepEqual(failed({ claim: { name: "sub", value: "root" } }), ["exempt"]);
    assert.deepEqual(failed({ header: { name: "x-user", value: "root" } }), ["exempt"]);
    assert.deepEqual(failed({ principal: "spiffe://mesh/ns/shop/web" }), []);
  });

  it("takes a range of 32 addresses for 32 principals, one of 64 for too many, and 1 beside a name", () => {
    assert.deepEqual(failed({ cidr: "10.0.0.0/27" }), []);
    assert.deepEqual(failed({ cidr: "10.0.0.0/26" }), ["maxPrincipals"]);
    assert.deepEqual(failed({ cidr: "fd00::/64" }), ["maxPrincipals"]);
    assert.deepEqual(failed({ cidr: "10.0.0.0/8", principal: "spiffe://mesh/ns/shop/web" }), []);
  });

  it("counts all of any: a name and a range of 32 are 33, and one exempt among them is spared", () => {
    const range = { cidr: "10.0.0.0/27" };
    assert.deepEqual(failed({ any: [{ principal: "spiffe://mesh/ns/shop/web" }, range] }), []);
    const twice = [range, { cidr: "10.0.1.0/27" }];
    assert.deepEqual(failed({ any: twice }), ["maxPrincipals"]);
    assert.deepEqual(failed({ any: [range, { principal: "root" }] }), ["exempt"]);
  });

  it("names whom it spares in the denial itself", () => {
    const deny = guarded({ kind: "deny", cidr: "10.0.0.0/27" }, GUARD);
    assert.deepEqual(deny?.kind === "deny" && deny.exempt, GUARD.exempt);
  });

  it("keeps the rate of a tier at its floor of 0.9, and of all at the highest floor there is", () => {
    const guard = { ...GUARD, floor: { critical: 0.9, normal: 0.2 } };
    const leastOf = (tiers: readonly string[]) => {
      const limit = guarded({ kind: "rateLimit", name: "api", factor: 0.1, tiers }, guard);
      return limit?.kind === "rateLimit" && limit.leastFactor;
    };
    assert.deepEqual([leastOf(["normal"]), leastOf(["critical"]), leastOf([])], [0.2, 0.9, 0.9]);
  });
});
