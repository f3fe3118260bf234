import assert from "node:assert/strict";
import { cohortOf, HASH_SEED, hashByte } from "../../src/core/hash.ts";
import { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Verdict } from "../../src/core/verdict.ts";

const SHARES = [0.1, 0.3, 0.6];

function request(fields: Partial<Request>): Request {
  return Object.assign(new Request(), fields);
}

/** A law that has seen 10 s of `load` times the capacity of 16 slots of 20 ms, in three tiers. */
function loaded(load: number): Shed {
  const shed = new Shed();
  shed.setTiers(3);
  shed.setBounds(4, 1000, 16);
  const totals = { offered: 0, served: 0, rttMs: 0 };
  for (let ms = 0; ms <= 10_000; ms += 100) {
    const offered = (ms < 1000 ? 0.5 : load) * 80;
    const served = Math.min(offered, 80);
    totals.offered += offered;
    totals.served += served;
    totals.rttMs += served * (offered > served ? 28 : 20);
    for (const [tier, share] of SHARES.entries()) shed.offered(tier, share * totals.offered);
    const refused = totals.offered - totals.served;
    shed.tick(ms, totals.served, refused, totals.served, 0, totals.rttMs, 20);
  }
  return shed;
}

describe("who is admitted", () => {
  it("has the threshold at the end of the tiers when healthy, at 1.33 of 3 at five times capacity", () => {
    assert.equal(loaded(0.5).threshold, 3);
    const { threshold } = loaded(5);
    assert.ok(Math.abs(threshold - (1 + 0.1 / 0.3)) < 0.05, `${threshold}`);
  });

  it("puts the marginal tier's lower cohorts before its upper ones, and all above it before both", () => {
    const shed = loaded(5);
    const room = (fields: Partial<Request>) => {
      let inflight = 1;
      while (shed.admit(request(fields), inflight) === Verdict.Admit) inflight++;
      return inflight;
    };

    const rooms = [
      room({ tier: 0, cohort: 63 / 64 }),
      room({ tier: 1, cohort: 0 }),
      room({ tier: 1, cohort: 32 / 64 }),
      room({ tier: 2, cohort: 63 / 64 }),
    ];

    assert.deepEqual(
      rooms,
      [...rooms].sort((a, b) => b - a),
    );
    assert.equal(new Set(rooms).size, 4, rooms.join());
  });

  it("says why: beyond the threshold it is the level, below it the concurrency", () => {
    const shed = loaded(5);

    assert.equal(shed.admit(request({ tier: 2 }), 500), Verdict.ShedLevel);
    assert.equal(shed.admit(request({ tier: 0 }), 500), Verdict.ShedLimit);
  });

  it("refuses a caller that leaves before half a baseline; under overload, before twice the 25 ms that the 20 in flight take", () => {
    const [calm, hot] = [loaded(0.5), loaded(5)];
    const askedOf = (shed: Shed, deadlineMs: number) => shed.admit(request({ deadlineMs }), 20);

    assert.equal(askedOf(calm, 9), Verdict.ShedDeadline);
    assert.equal(askedOf(calm, 11), Verdict.Admit);
    assert.equal(askedOf(hot, 49), Verdict.ShedDeadline);
    assert.equal(askedOf(hot, 51), Verdict.Admit);
    assert.equal(askedOf(hot, 0), Verdict.Admit);
  });

  it("lets one try when nothing is in flight, else deadlines of 11 ms would be refused for ever", () => {
    const hot = loaded(5);

    assert.equal(hot.admit(request({ deadlineMs: 11 }), 20), Verdict.ShedDeadline);
    assert.equal(hot.admit(request({ deadlineMs: 11 }), 0), Verdict.Admit);
  });

  it("lowers the limit where all 40 in flight time out at 250 ms and none is answered any more", () => {
    const shed = loaded(0.5);
    const before = shed.limit;
    const totals = { admitted: 400, completed: 400, lost: 0, rttMs: 8000 };
    for (let ms = 10_100; ms <= 13_000; ms += 100) {
      totals.admitted += 16;
      totals.lost += 16;
      shed.tick(ms, totals.admitted, 0, totals.completed, totals.lost, totals.rttMs, 40);
    }
    assert.ok(shed.isSaturated);
    assert.ok(shed.limit < before / 2, `${before} -> ${shed.limit}`);
  });

  it("lets retries be a tenth of what is admitted under overload, and any number when healthy", () => {
    const admitted = (shed: Shed, count: number) => {
      let retries = 0;
      for (let i = 0; i < count; i++) {
        shed.admit(request({ tier: 0 }), 3);
        if (shed.admit(request({ tier: 0, attempt: 2 }), 3) === Verdict.Admit) retries++;
      }
      return retries;
    };

    const retries = admitted(loaded(5), 1000);

    assert.ok(retries >= 100 && retries <= 111, `${retries}`);
    assert.equal(admitted(loaded(0.5), 1000), 1000);
  });

  it("cuts the tenant that asks for 10 times its share of the marginal tier, and not the others", () => {
    const shed = loaded(5);
    const totals = { offered: 4040 * 5, ended: 8040 };
    const ask = (tenant: number) =>
      shed.admit(request({ tier: 1, cohort: 0.5, tenant }), shed.limit);
    for (let window = 1; window <= 40; window++) {
      for (let i = 0; i < 100; i++) ask(1);
      for (let tenant = 2; tenant < 12; tenant++) ask(tenant);
      totals.offered += 400;
      totals.ended += 80;
      for (const [tier, share] of SHARES.entries())
        shed.offered(tier, share * totals.offered + 20000);
      const [ms, refused] = [10_000 + window * 100, totals.offered - totals.ended + 20000];
      shed.tick(ms, totals.ended, refused, totals.ended, 0, totals.ended * 28, 20);
    }

    assert.equal(shed.isSaturated, true);
    assert.equal(ask(1), Verdict.ShedTenant);
    assert.equal(ask(5), Verdict.Admit);
  });

  it("starts where a former life was, and only if it has learned nothing itself", () => {
    const fresh = new Shed();
    fresh.setBounds(4, 1000, 16);
    fresh.recall(80, 20);
    assert.equal(fresh.limit, 80);
    assert.equal(fresh.baselineRttMs, 20);

    const old = loaded(0.5);
    const { limit } = old;
    old.recall(80, 5);
    assert.equal(old.limit, limit);
  });

  it("spreads 6400 names over the 64 cohorts with 60 to 145 in each", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 6400; i++) {
      let hash = HASH_SEED;
      for (const letter of `user-${i}`) hash = hashByte(hash, letter.charCodeAt(0));
      const cohort = cohortOf(hash);
      counts.set(cohort, (counts.get(cohort) ?? 0) + 1);
    }
    assert.equal(counts.size, 64);
    for (const [cohort, count] of counts) {
      assert.ok(cohort >= 0 && cohort < 1 && Number.isInteger(cohort * 64));
      assert.ok(count >= 60 && count <= 145, `${cohort}: ${count}`);
    }
  });
});
