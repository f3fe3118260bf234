import assert from "node:assert/strict";
import { binomial } from "../../bench/decisions/draws.ts";
import { Random } from "../../bench/law/random.ts";
import { forecastOf } from "../../src/decide/stats/forecast-interval.ts";
import {
  newVerification,
  type Outcome,
  observeVerification,
  type VerificationPlan,
  type VerifiedSecond,
} from "../../src/decide/verification.ts";

const random = new Random(9);
const before = Array.from({ length: 120 }, () => 20 + random.normal());
const PLAN: VerificationPlan = {
  inForceTick: 1000,
  forecast: forecastOf(before)!,
  goal: 5,
  sustainedSeconds: 60,
  withinSeconds: 300,
  lagSeconds: 30,
  meanTroubleSeconds: 1200,
  alpha: 0.05,
};

function outcome(
  plan: VerificationPlan,
  valueAt: (second: number) => number | undefined,
  arms?: (second: number) => Pick<VerifiedSecond, "treated" | "held">,
): Outcome {
  let state = newVerification(plan);
  for (let second = 1; second <= 900; second++) {
    const at = { tick: 1000 + second, value: valueAt(second), ...arms?.(second) };
    state = observeVerification(JSON.parse(JSON.stringify(state)), at);
  }
  return state.outcome;
}

describe("verification", () => {
  it("scores a fall 10 s after the action that lasts 60 s as success", () => {
    assert.equal(
      outcome(PLAN, (second) => (second < 10 ? 20 : 1)),
      "success",
    );
  });

  it("scores the same fall 100 s after the action as recovered, not as success", () => {
    assert.equal(
      outcome(PLAN, (second) => (second < 100 ? 20 : 1)),
      "recovered",
    );
  });

  it("scores no success without nodes held back where trouble lasts 2 minutes by itself", () => {
    const plan = { ...PLAN, meanTroubleSeconds: 120 };
    assert.equal(
      outcome(plan, (second) => (second < 10 ? 20 : 1)),
      "recovered",
    );
  });

  it("scores nothing that was falling already as success", () => {
    const forecast = forecastOf(before.map((value, at) => value + (120 - at) * 0.25))!;
    assert.notEqual(
      outcome({ ...PLAN, forecast }, (second) => Math.max(1, 20 - second * 0.25)),
      "success",
    );
  });

  it("says no effect after 300 s without one, harm after 15 s above the forecast", () => {
    assert.equal(
      outcome(PLAN, () => 20),
      "no effect",
    );
    assert.equal(
      outcome(PLAN, (second) => 20 + second),
      "harm",
    );
  });

  it("takes a fall of 20 s that comes back for nothing", () => {
    assert.equal(
      outcome(PLAN, (second) => (second >= 10 && second < 30 ? 1 : 20)),
      "no effect",
    );
  });

  it("waits while nothing is known", () => {
    assert.equal(
      outcome(PLAN, () => undefined),
      "waiting",
    );
  });

  it("asks nodes held back: success only where the treated are better, harm where they are worse", () => {
    const plan = { ...PLAN, better: 0.8 };
    const armsWith = (treatedRate: number, heldRate: number) => {
      const draws = new Random(4);
      return () => ({
        treated: { bad: binomial(draws, 95, treatedRate), of: 95 },
        held: { bad: binomial(draws, 5, heldRate), of: 5 },
      });
    };
    const falls = (second: number) => (second < 10 ? 20 : 1);
    assert.equal(outcome(plan, falls, armsWith(0.01, 0.2)), "success");
    assert.equal(outcome(plan, falls, armsWith(0.01, 0.01)), "recovered");
    assert.equal(
      outcome(plan, () => 20, armsWith(0.2, 0.02)),
      "harm",
    );
  });
});
