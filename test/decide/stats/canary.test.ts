import assert from "node:assert/strict";
import { binomial, gammaWithMean1 } from "../../../bench/decisions/draws.ts";
import { Random } from "../../../bench/law/random.ts";
import {
  type CanaryEvidence,
  newCanaryEvidence,
  observeSecond,
  verdict,
} from "../../../src/decide/stats/canary.ts";
import { type Counts, SLOW_MS } from "../../../src/evidence/evidence.ts";
import type { Judge } from "../../../src/policy/intent/judge.ts";

const JUDGE: Judge = {
  worse: {
    alpha: 0.01,
    relativeRisk: 1.1,
    absolute: 0.0005,
    errors: true,
    slowQuantiles: [0.9, 0.95, 0.99],
  },
  safe: { beta: 0.05, relativeRisk: 1.25, minRequests: 2000, minErrors: 5, orSeconds: 600 },
  sampleRatioAlpha: 0.001,
};
const ERRORS_ONLY: Judge = { ...JUDGE, worse: { ...JUDGE.worse, slowQuantiles: [] } };

function counts(
  requests: number,
  errors: number,
  slower: (ms: number) => number = () => 0,
): Counts {
  return {
    requests,
    errors,
    slow: SLOW_MS.map(slower),
    timed: requests,
    seconds: 1,
    voidSeconds: 0,
  };
}

/** Share slower: a Pareto tail, 10 % above 100 ms. */
function tail(ms: number, factor: number): number {
  return Math.min(1, (10 * factor) / ms);
}

interface Load {
  readonly seed: number;
  readonly rps: number;
  readonly share: number;
  readonly rate: number;
  readonly multiple?: number;
  readonly slowdown?: number;
  readonly seconds: number;
  readonly base?: (random: Random, second: number) => number;
}

function run(
  judge: Judge,
  load: Load,
  stop = true,
): { state: CanaryEvidence; seconds: number; kind: string } {
  const random = new Random(load.seed);
  let state = newCanaryEvidence(judge);
  for (let second = 0; second < load.seconds; second++) {
    const base = load.rate * (load.base?.(random, second) ?? 1);
    const arm = (share: number, multiple: number, slowdown: number) => {
      const n = binomial(random, load.rps * 2, share / 2);
      if (judge === ERRORS_ONLY) return counts(n, binomial(random, n, base * multiple));
      let left = n;
      let before = 1;
      return counts(n, binomial(random, n, base * multiple), (ms) => {
        const now = tail(ms, slowdown);
        left = binomial(random, left, now / before);
        before = now;
        return left;
      });
    };
    const canary = arm(load.share, load.multiple ?? 1, load.slowdown ?? 1);
    const stable = arm(1 - load.share, 1, 1);
    state = observeSecond(state, { canary, stable, share: load.share });
    const { kind } = verdict(state);
    if (stop && kind === "worse") return { state, seconds: second + 1, kind };
  }
  return { state, seconds: load.seconds, kind: verdict(state).kind };
}

describe("canary evidence", () => {
  it("calls at most 1 % of 200 equal canaries worse, asked every second for 5 minutes (alpha 1 %)", () => {
    let worse = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const rps = [2, 20, 100][seed % 3]!;
      const load = { seed, rps, share: 0.2, rate: 0.01, seconds: 300 };
      if (run(ERRORS_ONLY, load).kind === "worse") worse++;
    }
    assert.ok(worse <= 2, `${worse} of 200`);
  });

  it("keeps the mean of its wealth at most 1 at the granted multiple, over 500 canaries of 60 s", () => {
    const judge: Judge = { ...ERRORS_ONLY, worse: { ...ERRORS_ONLY.worse, relativeRisk: 2 } };
    let above = 0;
    for (let seed = 1; seed <= 500; seed++) {
      const load = { seed, rps: 50, share: 0.3, rate: 0.02, multiple: 2, seconds: 60 };
      const { state } = run(judge, load, false);
      const { eWorse } = verdict(state).signals[0]!;
      if (eWorse >= 10) above++;
    }
    // Markov: at most 1 of 10; a law that paid out wrongly would be far above.
    assert.ok(above <= 50, `${above} of 500 reached 10`);
  });

  it("finds 20 times the errors at 50 rps and a tenth of the traffic within 40 s", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const load = { seed, rps: 50, share: 0.1, rate: 0.01, multiple: 20, seconds: 60 };
      const { kind, seconds } = run(JUDGE, load);
      assert.equal(kind, "worse", `seed ${seed}`);
      assert.ok(seconds <= 40, `seed ${seed}: ${seconds} s`);
    }
  });

  it("does not mind a base rate that jumps between 0.2 and 20 % for both, and finds 3 times it", () => {
    const base = (_: Random, second: number) => (Math.floor(second / 37) % 2 === 0 ? 0.1 : 10);
    for (let seed = 1; seed <= 10; seed++) {
      const load = { seed, rps: 50, share: 0.2, rate: 0.02, seconds: 400, base };
      assert.notEqual(run(ERRORS_ONLY, load).kind, "worse", `seed ${seed}`);
      assert.equal(run(ERRORS_ONLY, { ...load, multiple: 3 }).kind, "worse", `seed ${seed}`);
    }
  });

  it("takes 12 errors of one second on the canary for a burst, not for a worse canary", () => {
    let state = newCanaryEvidence(ERRORS_ONLY);
    for (let second = 0; second < 200; second++) {
      const errors = second === 150 ? 12 : 0;
      const at = {
        canary: counts(20, errors),
        stable: counts(80, second % 5 === 0 ? 1 : 0),
        share: 0.2,
      };
      state = observeSecond(state, at);
      assert.notEqual(verdict(state).kind, "worse", `second ${second}`);
    }
    assert.ok(verdict(state).phi > 2);
  });

  it("forgives a cold start of 5 times the errors that fades over 20 s", () => {
    let worse = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = new Random(seed);
      let state = newCanaryEvidence(ERRORS_ONLY);
      for (let second = 0; second < 300; second++) {
        const cold = 1 + 4 * Math.exp(-second / 20);
        const at = {
          canary: counts(20, binomial(random, 20, 0.01 * cold)),
          stable: counts(80, binomial(random, 80, 0.01)),
          share: 0.2,
        };
        state = observeSecond(state, at);
        if (verdict(state).kind === "worse") worse++;
      }
    }
    assert.equal(worse, 0);
  });

  it("finds a canary that breaks after 40 good minutes within 60 s", () => {
    const random = new Random(7);
    let state = newCanaryEvidence(ERRORS_ONLY);
    let found = 0;
    for (let second = 0; second < 2700 && found === 0; second++) {
      const multiple = second < 2400 ? 1 : 10;
      const at = {
        canary: counts(20, binomial(random, 20, 0.01 * multiple)),
        stable: counts(80, binomial(random, 80, 0.01)),
        share: 0.2,
      };
      state = observeSecond(state, at);
      if (verdict(state).kind === "worse") found = second;
    }
    assert.ok(found >= 2400 && found <= 2460, `second ${found}`);
  });

  it("finds a canary that fails wholly after 20 good minutes within 15 s, at 50 rps and a fifth of the traffic", () => {
    const random = new Random(8);
    let state = newCanaryEvidence(ERRORS_ONLY);
    let found = 0;
    for (let second = 0; second < 1300 && found === 0; second++) {
      const at = {
        canary: counts(10, second < 1200 ? binomial(random, 10, 0.01) : 10),
        stable: counts(40, binomial(random, 40, 0.01)),
        share: 0.2,
      };
      state = observeSecond(state, at);
      if (verdict(state).kind === "worse") found = second;
    }
    assert.ok(found >= 1200 && found <= 1215, `second ${found}`);
  });

  it("finds a canary twice as slow by its tail, with no more errors, within 3 minutes", () => {
    const load = { seed: 3, rps: 50, share: 0.3, rate: 0.001, slowdown: 2, seconds: 300 };
    const { state, seconds, kind } = run(JUDGE, load);
    assert.equal(kind, "worse");
    assert.ok(seconds <= 180, `${seconds} s`);
    assert.match(verdict(state).text, /^p\d+ \(slower than \d+ ms\) /);
  });

  it("calls an equal canary safe at 200 rps, and one twice as bad never", () => {
    const load = { seed: 5, rps: 200, share: 0.5, rate: 0.05, seconds: 600 };
    assert.equal(run(ERRORS_ONLY, load).kind, "safe");
    assert.equal(run(ERRORS_ONLY, { ...load, multiple: 2 }).kind, "worse");
  });

  it("calls a canary without a single error safe after 10 minutes and 2000 requests, not before", () => {
    let state = newCanaryEvidence(ERRORS_ONLY);
    for (let second = 1; second <= 600; second++) {
      assert.equal(verdict(state).kind, "undecided");
      state = observeSecond(state, { canary: counts(10, 0), stable: counts(10, 0), share: 0.5 });
    }
    assert.equal(verdict(state).kind, "safe");
  });

  it("holds, and says why, when a fifth is set and two fifths come", () => {
    let state = newCanaryEvidence(ERRORS_ONLY);
    for (let second = 0; second < 60; second++) {
      state = observeSecond(state, { canary: counts(40, 4), stable: counts(60, 0), share: 0.2 });
    }
    const found = verdict(state);
    assert.equal(found.kind, "undecided");
    assert.equal(
      found.sampleRatio.text,
      "the canary gets 40 % of the requests and not the 20 % that are set, so nothing is judged",
    );
  });

  it("learns nothing from seconds that are void or without evidence of either", () => {
    const state = newCanaryEvidence(JUDGE);
    const good = counts(10, 1);
    for (const bad of [
      { ...good, voidSeconds: 1 },
      { ...good, seconds: 0 },
    ]) {
      assert.equal(observeSecond(state, { canary: bad, stable: good, share: 0.5 }), state);
      assert.equal(observeSecond(state, { canary: good, stable: bad, share: 0.5 }), state);
    }
  });

  it("goes on from JSON byte by byte as without it, and is below 8 kB", () => {
    const first = run(
      JUDGE,
      { seed: 11, rps: 50, share: 0.2, rate: 0.02, seconds: 100 },
      false,
    ).state;
    const text = JSON.stringify(first);
    assert.ok(text.length < 8192, `${text.length} bytes`);
    const at = { canary: counts(10, 1, () => 1), stable: counts(40, 1, () => 2), share: 0.2 };
    const restored: CanaryEvidence = JSON.parse(text);
    assert.equal(
      JSON.stringify(observeSecond(restored, at)),
      JSON.stringify(observeSecond(first, at)),
    );
    assert.equal(JSON.stringify(verdict(restored)), JSON.stringify(verdict(first)));
  });

  it("is shifted by over-dispersion on one arm only: phi above 3 there, below 2 when both share it", () => {
    const phiAfter = (isShared: boolean) => {
      const random = new Random(21);
      let state = newCanaryEvidence(ERRORS_ONLY);
      let factors = [1, 1];
      for (let second = 0; second < 1800; second++) {
        if (second % 10 === 0) {
          const first = gammaWithMean1(random, 2);
          factors = [first, isShared ? first : gammaWithMean1(random, 2)];
        }
        const at = {
          canary: counts(50, binomial(random, 50, 0.02 * factors[0]!)),
          stable: counts(50, binomial(random, 50, 0.02 * factors[1]!)),
          share: 0.5,
        };
        state = observeSecond(state, at);
      }
      return verdict(state).phi;
    };
    const [shared, apart] = [phiAfter(true), phiAfter(false)];
    assert.ok(shared < 2 && apart > 3, `${shared}, ${apart}`);
  });

  it("says how many errors would flip it if they scatter as those before; all at once they are more", () => {
    let state = newCanaryEvidence({ ...ERRORS_ONLY, sampleRatioAlpha: 1e-9 });
    for (let second = 0; second < 300; second++) {
      state = observeSecond(state, {
        canary: counts(20, second % 20 === 0 ? 1 : 0),
        stable: counts(80, second % 5 === 0 ? 1 : 0),
        share: 0.2,
      });
    }
    const said = Number(/^(\d+) further errors of the canary/.exec(verdict(state).flip)?.[1]);
    let needed = 0;
    while (verdict(state).kind !== "worse" && needed < 1000) {
      state = observeSecond(state, { canary: counts(20, 1), stable: counts(80, 0), share: 0.2 });
      needed++;
    }
    // What comes all at once after minutes without is scatter until it lasts.
    assert.ok(said >= 5 && needed >= said && needed <= 150, `${said}, ${needed}`);
  });
});
