import assert from "node:assert/strict";
import fc from "fast-check";
import { absoluteCheck } from "../../../src/decide/stats/absolute-check.ts";
import { NO_DRIFT, scorePrediction, suspendDrift } from "../../../src/decide/stats/drift.ts";
import { believe, FEATURES, HYPOTHESES } from "../../../src/decide/stats/hypotheses.ts";
import { NO_ONSET, observeOnset } from "../../../src/decide/stats/onset.ts";
import { pRateAbove } from "../../../src/decide/stats/rate-posterior.ts";
import { isWorth, togglePrice, weigh } from "../../../src/decide/stats/utility.ts";

describe("posterior of a rate", () => {
  it("rises with bad events, falls with requests, x and over-dispersion above the mean, over 300 cases", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 51, max: 10_000 }),
        (bad, total) => {
          const p = pRateAbove(bad, total, 0.01, 0.001);
          assert.ok(p >= 0 && p <= 1);
          assert.ok(pRateAbove(bad + 1, total, 0.01, 0.001) >= p);
          assert.ok(pRateAbove(bad, total + 100, 0.01, 0.001) <= p);
          assert.ok(pRateAbove(bad, total, 0.02, 0.001) <= p);
        },
      ),
      { seed: 6, numRuns: 300 },
    );
    assert.ok(pRateAbove(40, 1000, 0.01, 0.001, 4) < pRateAbove(40, 1000, 0.01, 0.001));
  });

  it("calls two bad versions a shared fault, one bad version its own", () => {
    const limit = { allowed: 0.001, burn: 4, confidence: 0.95 };
    const bad = { requests: 10_000, errors: 500 };
    const fine = { requests: 10_000, errors: 5 };
    assert.equal(absoluteCheck({ canary: bad, stable: bad }, limit), "both");
    assert.equal(absoluteCheck({ canary: bad, stable: fine }, limit), "canary");
    assert.equal(absoluteCheck({ canary: fine, stable: bad }, limit), "stable");
    assert.equal(absoluteCheck({ canary: fine, stable: fine }, limit), "none");
  });
});

describe("onset", () => {
  it("is the second the rate rose, within 3 s, after 10 calm minutes at 100 rps", () => {
    let onset = NO_ONSET;
    for (let tick = 0; tick < 630; tick++) {
      const bad = tick >= 600 ? 5 : tick % 10 === 0 ? 1 : 0;
      onset = observeOnset(onset, { tick, bad, requests: 100 }, { rate: 0.002, multiple: 5 });
    }
    assert.ok(onset.sinceTick !== undefined && Math.abs(onset.sinceTick - 600) <= 3);
  });
});

describe("drift", () => {
  it("hands over to rules within 20 confident misses, and back after 200 predictions better than theirs", () => {
    let drift = NO_DRIFT;
    for (let at = 0; at < 100; at++)
      drift = scorePrediction(drift, { ours: 0.9, rules: 0.7, came: at % 10 !== 0 });
    assert.equal(drift.isAlarmed, false);
    let misses = 0;
    while (!drift.isAlarmed) {
      drift = scorePrediction(drift, { ours: 0.95, rules: 0.5, came: false });
      misses++;
    }
    assert.ok(misses <= 20, `${misses}`);
    for (let at = 0; at < 200; at++) {
      assert.equal(drift.isAlarmed, true);
      drift = scorePrediction(drift, { ours: 0.9, rules: 0.5, came: true });
    }
    assert.equal(drift.isAlarmed, false);
    assert.equal(
      drift.bins.reduce((sum, { said }) => sum + said, 0),
      drift.scored,
    );
  });

  it("forgets the sum when labels or buckets change", () => {
    const drift = scorePrediction(NO_DRIFT, { ours: 1, rules: 0.5, came: false });
    assert.ok(drift.cusum > 0 && Number.isFinite(drift.logScore.ours));
    assert.equal(suspendDrift(drift).cusum, 0);
  });
});

describe("hypotheses and utility", () => {
  it("believes in fine at first, in a canary fault after 2 features, in a locality fault after 2 others", () => {
    const most = (features: Parameters<typeof believe>[0]) => {
      const belief = believe(features);
      return HYPOTHESES.reduce((best, each) => (belief[each] > belief[best] ? each : best));
    };
    assert.equal(most({}), "fine");
    assert.equal(most({ burning: 1, canaryWorse: 1 }), "canary fault");
    assert.equal(most({ burning: 1, oneLocality: 1 }), "locality fault");
    assert.equal(most({ burning: 1, allAlike: 1 }), "shared dependency");
    assert.equal(most({ telemetryOff: 1 }), "telemetry fault");
  });

  it("sums to 1 and moves by at most 4 nats a feature, for 500 mixtures of features, NaN-free", () => {
    const names = Object.keys(FEATURES) as (keyof typeof FEATURES)[];
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 7, maxLength: 7 }),
        (values) => {
          const belief = believe(Object.fromEntries(names.map((name, at) => [name, values[at]!])));
          const sum = HYPOTHESES.reduce((all, each) => all + belief[each], 0);
          assert.ok(Math.abs(sum - 1) < 1e-12);
        },
      ),
      { seed: 6, numRuns: 500 },
    );
  });

  it("finds worth what cures the likely fault, and neither what cures another nor what only costs", () => {
    const belief = believe({ burning: 1, canaryWorse: 1 });
    const nothing = {
      ...believe({}),
      fine: 0,
      "canary fault": 10,
      "shared dependency": 10,
      overload: 10,
      "locality fault": 10,
      attack: 10,
      "telemetry fault": 0,
    };
    const options = [
      { name: "rollback", lossRate: { "canary fault": 0 }, cost: 20 },
      { name: "shed", lossRate: { overload: 2 }, cost: 20 },
      { name: "useless", lossRate: {}, cost: 1 },
    ];
    const weighed = weigh(belief, nothing, options, 600);
    const need = { margin: 10, confidence: 0.8 };
    assert.deepEqual(
      weighed.map((each) => isWorth(each, need)),
      [true, false, false],
    );
    assert.ok(weighed[2]!.gain < 0 && weighed[2]!.pBenefit === 0);
  });

  it("prices the last move of four at twice the first", () => {
    assert.deepEqual([togglePrice(10, 4, 4), togglePrice(10, 1, 4)], [10, 20]);
  });
});
