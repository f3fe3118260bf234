import assert from "node:assert/strict";
import { type Descriptor, RateLimiter } from "../../src/adapters/rate-limiter.ts";
import type { RateLimit } from "../../src/policy/intent/rate-limit.ts";
import { rateLimit } from "../support/policy-set.ts";

/** 10 a second, 3 at once. */
const LIMIT = globally({ rate: { requests: 10, perMs: 1000 }, burst: 3 });

function globally(parts: Partial<RateLimit>): RateLimit {
  return rateLimit({ name: "api", scope: "global", onUnavailable: "allow", ...parts } as RateLimit);
}

function descriptor(limit = "api", values: Record<string, string> = {}): Descriptor {
  const keys = Object.entries({ qmesh_limit: limit, ...values });
  return { entries: keys.map(([key, value]) => ({ key, value })) };
}

function limiterOf(...limits: RateLimit[]): RateLimiter {
  const limiter = new RateLimiter();
  limiter.setLimits(limits);
  return limiter;
}

function passed(limiter: RateLimiter, count: number, nowMs = 0, ...of: Descriptor[]): number {
  const descriptors = of.length === 0 ? [descriptor()] : of;
  const answers = Array.from({ length: count }, () => limiter.judge(nowMs, descriptors, 1).isOver);
  return answers.filter((isOver) => !isOver).length;
}

describe("rate limiter", () => {
  it("passes 3 of 5 at once and 1 each 100 ms, and says how long to wait", () => {
    const limiter = limiterOf(LIMIT);

    assert.equal(passed(limiter, 5), 3);
    assert.equal(limiter.judge(40, [descriptor()], 1).waitMs, 60);
    assert.equal(passed(limiter, 5, 100), 1);
  });

  it("passes 1 of a tier with a bucket of its own, and 2 more of another that has none, out of 3 of all", () => {
    const normal = { rate: { requests: 10, perMs: 1000 }, burst: 1 };
    const limiter = limiterOf({
      ...LIMIT,
      tiered: { tiers: [], unmatched: 0, rates: { normal } },
    });
    const of = (tier: string) => descriptor("api", { qmesh_tier: tier });
    assert.equal(passed(limiter, 5, 0, descriptor(), of("normal")), 1);
    assert.equal(passed(limiter, 5, 0, descriptor(), of("critical")), 2);
  });

  it("takes as many tokens as the request has hits", () => {
    const limiter = limiterOf(LIMIT);

    assert.deepEqual(limiter.judge(0, [descriptor()], 2), {
      isOver: false,
      statuses: [{ isOver: false, remaining: 1 }],
      waitMs: 0,
    });
    assert.equal(limiter.judge(0, [descriptor()], 2).isOver, true);
    assert.equal(limiter.judge(0, [descriptor()], 1).isOver, false);
  });

  it("keeps the values of a key apart, and the lack of one from an empty one", () => {
    const limiter = limiterOf(LIMIT);
    const tenants = [{ t: "a" }, { t: "b" }, {}, { t: "" }, { t: "x".repeat(60_000) }];

    assert.deepEqual(
      tenants.map((values) => passed(limiter, 5, 0, descriptor("api", values))),
      [3, 3, 3, 3, 3],
    );
    assert.equal(limiter.bucketCount, 5);
  });

  it("takes no token of any limit for a request that one refuses", () => {
    const limiter = limiterOf(LIMIT, globally({ name: "all", burst: 5 }));
    const both = (t: string) => [descriptor("api", { t }), descriptor("all")];

    assert.equal(passed(limiter, 10, 0, ...both("a")), 3);
    assert.equal(passed(limiter, 10, 0, ...both("b")), 2);
    assert.deepEqual(limiter.judge(0, both("b"), 1).statuses, [
      { isOver: false, remaining: 1 },
      { isOver: true, remaining: 0 },
    ]);
  });

  it("refuses nobody in shadow, and counts the 2 of 5 it would have refused", () => {
    const limiter = limiterOf({ ...LIMIT, mode: "shadow" } as RateLimit);

    assert.equal(passed(limiter, 5), 5);
    assert.deepEqual(limiter.counts(), [
      { limit: "api", mode: "shadow", admitted: 5, refused: 0, wouldRefuse: 2 },
    ]);
  });

  it("counts nothing in shadow of a request that another limit refuses", () => {
    const shadow = globally({ name: "shadow", mode: "shadow", burst: 1 });
    const limiter = limiterOf(LIMIT, shadow);

    passed(limiter, 5, 0, descriptor(), descriptor("shadow"));

    assert.deepEqual(limiter.counts(), [
      { limit: "api", mode: "enforce", admitted: 3, refused: 2, wouldRefuse: 0 },
      { limit: "shadow", mode: "shadow", admitted: 3, refused: 0, wouldRefuse: 2 },
    ]);
  });

  it("passes what no global limit of the intent knows, and makes no bucket for it", () => {
    const limiter = limiterOf(rateLimit({ name: "local" }), globally({ name: "off", mode: "off" }));
    const unknown = [descriptor("gone"), descriptor("local"), descriptor("off"), { entries: [] }];

    for (const each of unknown) assert.equal(passed(limiter, 9, 0, each), 9);
    assert.equal(limiter.bucketCount, 0);
  });

  it("keeps buckets and counts over a new intent, with the new rate", () => {
    const limiter = limiterOf(LIMIT);
    passed(limiter, 3);
    limiter.setLimits([globally({ rate: { requests: 20, perMs: 1000 }, burst: 9 })]);

    assert.equal(passed(limiter, 5, 100), 2);
    assert.equal(limiter.counts()[0]?.admitted, 5);
  });

  it("holds 1000 buckets of 3000 descriptors: those used last", () => {
    const limiter = new RateLimiter(1000);
    limiter.setLimits([LIMIT]);
    const spend = (t: string) => passed(limiter, 3, 0, descriptor("api", { t }));
    spend("kept");
    for (let index = 0; index < 3000; index++) {
      spend(`t${index}`);
      if (index % 500 === 0) assert.equal(spend("kept"), 0, `at ${index}`);
    }

    assert.equal(limiter.bucketCount, 1000);
    assert.equal(spend("t2999"), 0);
    assert.equal(spend("t0"), 3);
  });
});
