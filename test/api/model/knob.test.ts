import assert from "node:assert/strict";
import { whyNoKnob } from "../../../src/api/model/knob.ts";
import type { PolicySet } from "../../../src/policy/policy-set.ts";
import { policySet } from "../../support/policy-set.ts";

const set = policySet({
  rateLimits: [{ name: "api" }] as unknown as PolicySet["rateLimits"],
  policies: [{ name: "relief" }] as unknown as PolicySet["policies"],
  rollouts: [{ name: "r", service: "checkout" }] as unknown as PolicySet["rollouts"],
});

describe("the knob of an ordered override", () => {
  for (const [knob, value, why] of [
    ["rateLimit.api.factor", 0.5, undefined],
    ["policy.relief.mode", "shadow", undefined],
    ["canary.weight@checkout", 0, undefined],
    ["rateLimit.apy.factor", 0.5, "there is no RateLimit apy"],
    ["policy.none.mode", "off", "there is no Policy none"],
    ["canary.weight@cart", 5, "there is no Rollout of Service cart"],
    ["rateLimit.api.factor", 11, "rateLimit.api.factor: 11 is not a number from 0 to 10"],
    [
      "rollout.checkout.percent",
      0,
      "rollout.checkout.percent: is no knob; there are rateLimit.NAME.factor, policy.NAME.mode and canary.weight",
    ],
    ["canary.weight", 5, "canary.weight: needs scope.service, the Service that is rolled out"],
  ] as const)
    it(`${why === undefined ? "is" : "is none:"} ${knob}=${value}`, () => {
      assert.equal(whyNoKnob({ knob, value }, set), why);
    });
});
