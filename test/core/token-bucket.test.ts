import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../src/core/token-bucket.ts";

const FILL_RPS = 10;
const BURST = 5;

const take = (bucket: TokenBucket, nowMs: number, wanted = 1) =>
  bucket.take(nowMs, wanted, FILL_RPS, BURST);

describe("token bucket", () => {
  it("gives 5 of 8 at once, then 1 each 100 ms", () => {
    const bucket = new TokenBucket();
    const atOnce = Array.from({ length: 8 }, () => take(bucket, 1000)).filter(Boolean);
    const later = [1099, 1100, 1150, 1200, 1200].map((nowMs) => take(bucket, nowMs));

    assert.equal(atOnce.length, 5);
    assert.deepEqual(later, [false, true, false, true, false]);
  });

  it("saves no more than its burst of 5 in an hour", () => {
    const bucket = new TokenBucket();
    take(bucket, 0, 5);

    assert.equal(take(bucket, 3_600_000, 6), false);
    assert.equal(take(bucket, 3_600_000, 5), true);
  });

  it("takes 3 tokens or none, and says when they are there: in 200 ms", () => {
    const bucket = new TokenBucket();
    take(bucket, 0, 4);

    assert.equal(take(bucket, 0, 3), false);
    assert.equal(bucket.tokens, 1);
    assert.equal(bucket.waitMs(3, FILL_RPS), 200);
    assert.equal(bucket.waitMs(1, FILL_RPS), 0);
    assert.equal(bucket.waitMs(3, 0), Number.POSITIVE_INFINITY);
  });

  it("keeps what it holds when rate and burst move, but no more than the new burst", () => {
    const bucket = new TokenBucket();
    take(bucket, 0, 1);

    assert.equal(bucket.take(0, 4, 1, 2), false);
    assert.equal(bucket.tokens, 2);
    assert.equal(bucket.take(1000, 1, 100, 1000), true);
    assert.equal(bucket.tokens, 101);
  });

  it("gives nothing for a clock that runs back, and nothing twice when it comes again", () => {
    const bucket = new TokenBucket();
    take(bucket, 1000, 5);

    assert.equal(take(bucket, 0), false);
    assert.equal(take(bucket, 1000), false);
    assert.equal(take(bucket, 1100), true);
  });

  it("admits who asks for no token, and lives through numbers that are none", () => {
    const bucket = new TokenBucket();
    take(bucket, 0, 5);

    assert.deepEqual(
      [0, -1, Number.NaN].map((wanted) => take(bucket, 0, wanted)),
      [true, true, true],
    );
    assert.equal(bucket.take(Number.NaN, 1, Number.NaN, Number.POSITIVE_INFINITY), false);
    assert.equal(take(bucket, 100), true);
  });

  const steps = fc.array(
    fc.record({
      waitMs: fc.double({ min: 0, max: 5000, noNaN: true }),
      wanted: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 200 },
  );
  const rate = fc.double({ min: 0.001, max: 10_000, noNaN: true });
  const burst = fc.integer({ min: 1, max: 1000 });

  it("never gives more than burst + rate * time, over any part of 1,000 random runs", () => {
    fc.assert(
      fc.property(steps, rate, burst, fc.nat(), (run, fillRps, most, from) => {
        const bucket = new TokenBucket();
        const start = from % run.length;
        let nowMs = 0;
        let startMs = 0;
        let given = 0;
        for (const [index, { waitMs, wanted }] of run.entries()) {
          nowMs += waitMs;
          if (index === start) startMs = nowMs;
          if (bucket.take(nowMs, wanted, fillRps, most) && index >= start) given += wanted;
        }
        const bound = most + (fillRps * (nowMs - startMs)) / 1000;
        // 200 additions of doubles are off by less than one part of 10^12.
        assert.ok(given <= bound * (1 + 1e-12), `${given} of ${bound}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses only where the tokens are not there: 1,000 steady runs at the rate lose nothing", () => {
    fc.assert(
      fc.property(rate, burst, (fillRps, most) => {
        const bucket = new TokenBucket();
        // A part of a billion slower than the rate: the time itself is rounded.
        const stepMs = (1000 / fillRps) * (1 + 1e-9);
        for (let step = 0; step < 50; step++)
          assert.ok(bucket.take(step * stepMs, 1, fillRps, most), `at step ${step}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives the same answers to the same 500 runs twice", () => {
    fc.assert(
      fc.property(steps, rate, burst, (run, fillRps, most) => {
        const answers = () => {
          const bucket = new TokenBucket();
          let nowMs = 0;
          return run.map(({ waitMs, wanted }) => {
            nowMs += waitMs;
            return bucket.take(nowMs, wanted, fillRps, most);
          });
        };
        assert.deepEqual(answers(), answers());
      }),
      { numRuns: 500 },
    );
  });
});
