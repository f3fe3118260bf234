import assert from "node:assert/strict";
import { affectedShare } from "../../../src/decide/engine/affected.ts";
import { EvidenceLedger } from "../../../src/evidence/ledger.ts";
import type { Target } from "../../../src/policy/intent/target.ts";
import { httpRoute, policySet, rateLimit, rule, shedding } from "../../support/policy-set.ts";

const RPS = { cart: 10, search: 30, mail: 60 };

function evidence() {
  const ledger = new EvidenceLedger();
  for (let tick = 1000; tick < 1010; tick++) {
    ledger.advance(tick);
    for (const [service, requests] of Object.entries(RPS))
      ledger.observe({ service, version: "v1" }, { requests, errors: 0 });
  }
  ledger.advance(1011);
  return ledger.evidence();
}

const sendsTo = (...services: string[]) => [
  rule({ backends: services.map((service) => ({ service, weight: 1 })) }),
];

describe("affected.share", () => {
  const targets: readonly (readonly [Target, number])[] = [
    [{ kind: "service", name: "search" }, 0.3],
    [{ kind: "route", name: "shop" }, 0.4],
    [{ kind: "gateway", name: "edge" }, 0.4],
    [{ kind: "gateway", name: "lobby" }, 1],
    [{ kind: "gateway", name: "empty" }, 0],
  ];
  for (const [target, share] of targets) {
    it(`of the ${target.kind} ${target.name} is ${share}: of all that it sends to`, () => {
      const set = policySet({
        httpRoutes: [
          httpRoute({ name: "shop", rules: sendsTo("cart", "search", "cart") }),
          httpRoute({
            name: "all",
            parents: [{ gateway: "lobby" }],
            rules: sendsTo("mail", "search", "cart"),
          }),
        ],
        sheddings: [shedding({ name: "x", target })],
        rateLimits: [rateLimit({ name: "x", target })],
      });
      const ground = { policySet: set, evidence: evidence() };
      for (const move of [
        { kind: "shed", shedding: "x", max: 5, tiers: {} },
        { kind: "rateLimit", name: "x", factor: 0.5, tiers: [] },
      ] as const) {
        assert.equal(affectedShare(move, ground), share);
      }
    });
  }

  it("of a denial is unknown before its shadow has shown it", () => {
    const deny = { kind: "deny", cidr: "10.0.0.0/8" } as const;
    assert.equal(affectedShare(deny, { policySet: policySet(), evidence: evidence() }), undefined);
  });
});
