import assert from "node:assert/strict";
import fc from "fast-check";
import { binomial } from "../../../bench/decisions/draws.ts";
import { Random } from "../../../bench/law/random.ts";
import { NO_SAMPLE_RATIO, observeSplit } from "../../../src/decide/stats/sample-ratio.ts";
import {
  ABOVE,
  addLatePart,
  bet,
  FIRST_PART,
  heldBack,
  lnMean,
  type Split,
  STAKE,
} from "../../../src/decide/stats/split-evidence.ts";

const splits = fc.array(
  fc.record({
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    hits: fc.integer({ min: 0, max: 20 }),
    rest: fc.integer({ min: 0, max: 20 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function toSplit({ share, hits, rest }: { share: number; hits: number; rest: number }): Split {
  return { share, hits, bad: hits + rest };
}

function near(a: readonly number[], b: readonly number[]): void {
  a.forEach((value, at) => {
    assert.ok(
      Math.abs(value - b[at]!) <= 1e-9 * Math.max(1, Math.abs(value)),
      `${value}, ${b[at]}`,
    );
  });
}

describe("split evidence", () => {
  it("does not mind the order of the seconds, over 500 histories", () => {
    fc.assert(
      fc.property(splits, (list) => {
        const play = (seconds: typeof list) =>
          seconds.reduce((wealth, each) => bet(wealth, "above", 1.1, toSplit(each)), STAKE);
        near(play(list), play(list.toReversed()));
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("makes the same of two seconds of one share as of their sum, over 500 pairs", () => {
    const half = fc.record({
      hits: fc.integer({ min: 0, max: 9 }),
      rest: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), half, half, (share, a, b) => {
        const one = bet(
          bet(STAKE, "below", 1.25, toSplit({ share, ...a })),
          "below",
          1.25,
          toSplit({ share, ...b }),
        );
        const sum = { share, hits: a.hits + b.hits, rest: a.rest + b.rest };
        near(one, bet(STAKE, "below", 1.25, toSplit(sum)));
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("gives equal bytes for equal input, and finite numbers for any, over 500 histories", () => {
    fc.assert(
      fc.property(splits, (list) => {
        const play = () =>
          list.reduce((wealth, each) => bet(wealth, "above", 1.1, toSplit(each)), FIRST_PART);
        assert.equal(JSON.stringify(play()), JSON.stringify(play()));
        assert.ok(play().every(Number.isFinite));
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("multiplies wealth by at most 1 on average at the granted multiple, exactly, for 300 seconds and each of 12 bets", () => {
    const ofRequests = fc.integer({ min: 1, max: 8 });
    const rates = fc.double({ min: 0.001, max: 0.3, noNaN: true });
    const multiples = fc.double({ min: 1, max: 3, noNaN: true });
    fc.assert(
      fc.property(ofRequests, ofRequests, rates, multiples, (n, m, rate, granted) => {
        const means = ABOVE.map(() => 0);
        for (let hits = 0; hits <= n; hits++) {
          for (let rest = 0; rest <= m; rest++) {
            const chance = chanceOf(n, hits, rate * granted) * chanceOf(m, rest, rate);
            const wealth = bet(STAKE, "above", granted, {
              share: n / (n + m),
              hits,
              bad: hits + rest,
            });
            for (const at of means.keys()) means[at]! += chance * Math.exp(wealth[at]!);
          }
        }
        for (const mean of means) assert.ok(mean <= 1 + 1e-12, `${mean}`);
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it("ever reaches 20 in at most 5 % of 4,000 paths of 300 seconds at the granted multiple (Ville)", () => {
    const random = new Random(17);
    let reached = 0;
    for (let path = 0; path < 4000; path++) {
      let wealth = FIRST_PART;
      for (let second = 0; second < 300; second++) {
        // Rates and weights that move, as an adversary might.
        const rate = second % 50 < 25 ? 0.02 : 0.2;
        const [n, m] = second % 70 < 35 ? [5, 45] : [25, 25];
        const hits = binomial(random, n, rate * 1.1);
        const bad = hits + binomial(random, m, rate);
        wealth = bet(wealth, "above", 1.1, { share: n / (n + m), hits, bad });
        if (second % 60 === 59) wealth = addLatePart(wealth, (second + 1) / 60);
        if (Math.exp(lnMean(wealth)) + heldBack(Math.floor((second + 1) / 60)) < 20) continue;
        reached++;
        break;
      }
    }
    assert.ok(reached <= 200, `${reached} of 4000`);
    assert.ok(reached >= 1, "a test that nothing can fail shows nothing");
  });

  it("never bets more than 1 in all, over 10,000 minutes", () => {
    let wealth = FIRST_PART;
    for (let minute = 1; minute <= 10_000; minute++) {
      wealth = addLatePart(wealth, minute);
      assert.ok(Math.exp(lnMean(wealth)) + heldBack(minute) <= 1 + 1e-9);
    }
  });

  it("is worth less the more it is spread: phi 4 leaves no more than the fourth root", () => {
    const wealth = bet(STAKE, "above", 1, { share: 0.1, hits: 20, bad: 30 });
    assert.ok(lnMean(wealth, 4) <= lnMean(wealth) / 4);
  });
});

describe("sample ratio", () => {
  const play = (seed: number, share: number, real: number, seconds: number) => {
    const random = new Random(seed);
    let state = NO_SAMPLE_RATIO;
    let off = 0;
    for (let second = 0; second < seconds; second++) {
      const canary = binomial(random, 50, real);
      state = observeSplit(state, { share, canary, stable: 50 - canary, seconds: 1 }, 0.001);
      if (state.isOff) off++;
    }
    return { off, state };
  };

  it("is never off in 200 true splits of 30 minutes", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const share = [0.01, 0.2, 0.5][seed % 3]!;
      assert.equal(play(seed, share, share, 1800).off, 0, `seed ${seed}`);
    }
  });

  it("is off within 2 minutes where 20 % are set and 30 % come, and forgives within 12", () => {
    const { off, state } = play(1, 0.2, 0.3, 120);
    assert.ok(off > 0);
    const random = new Random(2);
    let later = state;
    for (let second = 0; second < 720; second++) {
      const canary = binomial(random, 50, 0.2);
      later = observeSplit(later, { share: 0.2, canary, stable: 50 - canary, seconds: 1 }, 0.001);
    }
    assert.equal(later.isOff, false);
  });

  it("hears nothing of the 15 s after a change of weight", () => {
    assert.equal(play(1, 0.2, 0.01, 15).state.requests, 0);
  });
});

function chanceOf(n: number, hits: number, p: number): number {
  let ways = 1;
  for (let at = 0; at < hits; at++) ways = (ways * (n - at)) / (at + 1);
  return ways * p ** hits * (1 - p) ** (n - hits);
}
