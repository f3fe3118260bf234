import assert from "node:assert/strict";
import { type Balance, burn, burnRulesFor } from "../../../src/decide/stats/burn.ts";
import { bayesFactor, burnPage, GATE } from "../../../src/decide/stats/burn-gate.ts";

const SLO = { target: 0.999, windowSeconds: 30 * 86_400 };

/** Constant traffic, healthy but for a rate of bad in the last `badSeconds`. */
function windows(rps: number, rate: number, badSeconds: number): (seconds: number) => Balance {
  return (seconds) => ({
    total: Math.round(rps * seconds),
    bad: Math.round(rps * Math.min(seconds, badSeconds) * rate),
  });
}

describe("burn", () => {
  it("is 1 where the budget lasts exactly for the window, undefined without an event", () => {
    assert.equal(burn({ bad: 1, total: 1000 }, 0.999)?.toFixed(9), "1.000000000");
    assert.equal(burn({ bad: 0, total: 0 }, 0.999), undefined);
  });

  it("pages an outage of 60 s at 100 rps by the first pair", () => {
    assert.equal(burnPage(windows(100, 1, 60), SLO)?.rule, "14.4x in 5m and 1h");
  });

  it("pages a budget of a day at 2.5 times its speed as 2x in 5m and 1h, which it does not call 14.4x, and not at 1.9 times", () => {
    const day = { target: 0.9, windowSeconds: 86_400 };
    const page = burnPage(windows(100, 0.25, 3600), day);
    assert.equal(page?.rule, "2x in 5m and 1h");
    assert.equal(page?.threshold, 2);
    assert.equal(burnPage(windows(100, 0.19, 3600), day), undefined);
  });

  it("pages 5 times the budget for 10 minutes at 100 rps by the rule of 4 times, and not 3 times it", () => {
    assert.equal(burnPage(windows(100, 0.005, 700), SLO)?.rule, "4x for 10m");
    assert.equal(burnPage(windows(100, 0.003, 700), SLO), undefined);
  });

  it("sleeps through one bad request of 36 in an hour, which is a burn of 28", () => {
    assert.equal(
      burnPage((seconds) => ({ total: Math.round(seconds / 100), bad: 1 }), SLO),
      undefined,
    );
  });

  it("pages 3 bad of 3 requests in 5 minutes at 0.01 rps", () => {
    assert.ok(bayesFactor({ bad: 3, total: 3 }, 0.999) >= GATE);
    assert.equal(burnPage(windows(0.01, 1, 300), SLO)?.rule, "14.4x in 5m and 1h");
  });

  it("finds 5 % bad at 0.01 rps by the trickle of 6 hours", () => {
    assert.equal(
      burnPage((seconds) => {
        const total = Math.round(seconds * 0.01);
        return { total, bad: seconds < 600 ? 0 : Math.round(total * 0.05) };
      }, SLO)?.rule.endsWith("6h"),
      true,
    );
  });

  it("leaves out rules that cannot fire: 14.4 times at a target of 95 % is below 1 / 0.05, at 90 % it is not", () => {
    assert.equal(burnRulesFor(SLO.windowSeconds, 0.95)[0]?.burn, 14.4);
    assert.equal(burnRulesFor(SLO.windowSeconds, 0.9)[0]?.burn, 6);
  });

  it("weighs nothing as 1, and every further bad event as more", () => {
    assert.ok(Math.abs(bayesFactor({ bad: 0, total: 0 }, 0.999) - 1) < 1e-12);
    const factors = [0, 1, 2, 5, 50].map((bad) => bayesFactor({ bad, total: 100 }, 0.999));
    assert.deepEqual(
      [...factors].sort((a, b) => a - b),
      factors,
    );
  });
});
