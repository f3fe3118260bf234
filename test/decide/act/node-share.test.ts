import assert from "node:assert/strict";
import fc from "fast-check";
import { allBut, isIn, shareOf } from "../../../src/decide/act/node-share.ts";

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 60,
});
const ratio = fc.double({ min: 0.01, max: 0.5, noNaN: true });

describe("a share of the Envoys", () => {
  it("holds exactly the rounded share of those there are, and 1 at least", () => {
    fc.assert(
      fc.property(ids, ratio, fc.string(), (nodes, share, seed) => {
        const within = nodes.filter((id) => isIn(shareOf(seed, share, nodes), id)).length;
        assert.equal(within, Math.max(1, Math.round(share * nodes.length)));
      }),
    );
  });

  it("holds back exactly the rounded share, and where that is 0 or all it is none", () => {
    fc.assert(
      fc.property(ids, ratio, fc.string(), (nodes, share, seed) => {
        const left = allBut(seed, share, nodes);
        const held = Math.round(share * nodes.length);
        if (left === undefined) assert.ok(held === 0 || held === nodes.length);
        else assert.equal(nodes.filter((id) => !isIn(left, id)).length, held);
      }),
    );
  });

  it("keeps who is in when others come and go, and takes 10 % of 10,000 that come later within 1 point", () => {
    const nodes = Array.from({ length: 1000 }, (_, at) => `edge-${at}`);
    const share = shareOf("a-1", 0.1, nodes);
    const later = Array.from({ length: 10_000 }, (_, at) => `late-${at}`);
    const taken = later.filter((id) => isIn(share, id)).length;
    assert.ok(Math.abs(taken - 1000) <= 100, `${taken}`);
  });

  it("orders the Envoys anew for another seed: of 2 shares of 50 in 100 about half are in both", () => {
    const nodes = Array.from({ length: 100 }, (_, at) => `edge-${at}`);
    const [one, other] = ["a", "b"].map((seed) => shareOf(seed, 0.5, nodes));
    const both = nodes.filter((id) => isIn(one!, id) && isIn(other!, id)).length;
    assert.ok(both > 10 && both < 40, `${both}`);
  });
});
