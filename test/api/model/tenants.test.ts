import assert from "node:assert/strict";
import fc from "fast-check";
import { fairParts, meanInflight } from "../../../src/api/model/tenants.ts";
import { SLOW_MS } from "../../../src/evidence/evidence.ts";

const asking = fc.array(
  fc.record({
    askedRps: fc.double({ min: 0, max: 1000, noNaN: true }),
    weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
  { minLength: 1, maxLength: 20 },
);

describe("the fair part of a tenant", () => {
  it("gives 60 let in of 1,000 to 10 who asks for 10, and 25 each to 2 who ask for more", () => {
    const parts = fairParts(
      [10, 490, 500].map((askedRps) => ({ askedRps, weight: 1 })),
      60,
    );

    assert.deepEqual(parts, [10, 25, 25]);
  });

  it("is 40 of 60 for weight 2 beside weight 1", () => {
    const parts = fairParts(
      [
        { askedRps: 500, weight: 2 },
        { askedRps: 500, weight: 1 },
      ],
      60,
    );

    assert.deepEqual(parts, [40, 20]);
  });

  it("is max-min: all of what is let in, nobody above what it asks, who is cut at the one highest level", () => {
    fc.assert(
      fc.property(asking, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const asked = all.reduce((sum, { askedRps }) => sum + askedRps, 0);
        const parts = fairParts(all, share * asked);
        const given = parts.reduce((sum, part) => sum + part, 0);
        assert.ok(Math.abs(given - share * asked) < 1e-6 * (1 + asked), `${given} of ${asked}`);
        const levels = parts.map((part, at) => part / all[at]!.weight);
        const top = Math.max(...levels);
        for (const [at, part] of parts.entries()) {
          const { askedRps } = all[at]!;
          assert.ok(part >= 0 && part <= askedRps);
          const isCut = part < askedRps - 1e-6 * (1 + askedRps);
          if (isCut) assert.ok(levels[at]! >= top - 1e-6 * (1 + top), "another got more");
        }
      }),
    );
  });
});

describe("requests in flight by rate and mean time", () => {
  it("are 2.5 for 100 a second that take 20 to 30 ms, and unknown where no time is", () => {
    const slow = SLOW_MS.map((edge) => (edge < 30 ? 40 : 0));
    const counts = { requests: 40, errors: 0, slow, timed: 40, seconds: 60, voidSeconds: 0 };

    assert.equal(meanInflight(100, counts), 2.5);
    assert.equal(meanInflight(100, { ...counts, timed: 0 }), undefined);
  });
});
