import assert from "node:assert/strict";
import type { PolicyView } from "../../src/api/view/operation.ts";
import type { ServiceView } from "../../src/api/view/service.ts";
import { judgeReadiness } from "../../src/cli/readiness.ts";

const SERVICE: ServiceView = {
  name: "checkout",
  owner: "team-pay",
  labels: {},
  state: "ok",
  ageSeconds: 1,
  requestRps: 50,
  objectives: [
    {
      name: "availability",
      indicator: "answered without 5xx",
      target: 0.999,
      windowSeconds: 2_592_000,
      state: "met",
      burns: [],
      history: [],
    },
  ],
  parts: [],
};

const POLICY: PolicyView = {
  name: "relief",
  owner: "team-pay",
  class: "reliability",
  service: "checkout",
  mode: "enforce",
  method: "probabilistic",
  pages: false,
  runbooks: ["relief-pack"],
  breaker: "closed",
  ledger: {
    since: "2026-01-01T00:00:00.000Z",
    acted: 3,
    helped: 3,
    recovered: 0,
    noEffect: 0,
    harmed: 0,
    minutesSaved: 30,
  },
  shadow: { acts: 0, judged: 0, unneeded: 0, worstHour: 0 },
};

describe("whether a service is ready for automation", () => {
  it("is yes, without advice, for one with owner, SLO, telemetry and a policy that helped 3 times", () => {
    assert.deepEqual(judgeReadiness(SERVICE, [POLICY]), {
      service: "checkout",
      isReady: true,
      against: [],
      advice: [],
    });
  });

  it("is no without an owner, without an SLO, and while its telemetry is blind: 3 reasons", () => {
    const { owner: _, ...nobody } = SERVICE;
    const { isReady, against } = judgeReadiness({ ...nobody, state: "blind", objectives: [] }, []);
    assert.equal(isReady, false);
    assert.equal(against.length, 3);
    assert.match(against.join("\n"), /nobody owns it[\s\S]*no SLO[\s\S]*telemetry is blind/);
  });

  it("is no for a policy that weighs where determinism is required, and yes for the same by rules", () => {
    const legacy = { ...SERVICE, labels: { determinism: "required" } };
    const { against } = judgeReadiness(legacy, [POLICY]);
    assert.match(
      against.join(),
      /Policy relief weighs probabilities where determinism is required/,
    );
    assert.equal(judgeReadiness(legacy, [{ ...POLICY, method: "rules" }]).isReady, true);
  });

  it("is no while a breaker is open, and advises on 0.1 rps, on no policy and on one never tried in shadow", () => {
    const broken = {
      ...POLICY,
      breaker: "open",
      breakerWhy: "2 of its last 5 actions failed",
    } as const;
    assert.equal(judgeReadiness(SERVICE, [broken]).isReady, false);
    assert.match(
      judgeReadiness({ ...SERVICE, requestRps: 0.1 }, [POLICY]).advice.join(),
      /are few/,
    );
    assert.deepEqual(judgeReadiness(SERVICE, []).advice, [
      "no Policy is about it",
      "its objectives page, and no Policy about it begins a Runbook",
    ]);
    const fresh = { ...POLICY, ledger: { ...POLICY.ledger, acted: 0, helped: 0 } };
    assert.match(judgeReadiness(SERVICE, [fresh]).advice.join(), /never tried in shadow/);
  });

  it("says which of 2 Policies pages or acts without a Runbook, and that nobody who is paged is told what to do", () => {
    const bare = { ...POLICY, runbooks: [] };
    const { isReady, advice } = judgeReadiness(SERVICE, [
      { ...bare, name: "wake", pages: true },
      bare,
    ]);
    assert.equal(isReady, true);
    assert.deepEqual(advice, [
      "Policy wake pages and begins no Runbook: evidence.run",
      "Policy relief acts and begins no Runbook: evidence.run",
      "its objectives page, and no Policy about it begins a Runbook",
    ]);
  });
});
