import assert from "node:assert/strict";
import fc from "fast-check";
import { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Verdict } from "../../src/core/verdict.ts";

/** Anything a host could hand over: mostly counts, sometimes nonsense. */
const number = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0) },
);
const tick = fc.tuple(number, number, number, number, number, number, number);
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 900 }))
  .map(([min, more]) => ({ min, max: min + more }));

function of(tier: number): Request {
  const request = new Request();
  request.tier = tier;
  return request;
}

type Bounds = { readonly min: number; readonly max: number };

function ticked(ticks: readonly (readonly number[])[], { min, max }: Bounds, tiers: number): Shed {
  const shed = new Shed();
  shed.setTiers(tiers);
  shed.setBounds(min, max, min);
  for (const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] of ticks)
    shed.tick(a, b, c, d, e, f, g);
  return shed;
}

/** Windows of a backend with 16 slots of `slotMs`, offered `rps` from second 0, then `laterRps` from second 5 to 10. */
function feed(shed: Shed, load: { slotMs?: number; rps?: number; laterRps?: number }): void {
  const slots = 16;
  const { slotMs = 20, rps = 400 } = load;
  const { laterRps = rps } = load;
  const totals = { admitted: 0, shed: 0, completed: 0, rttMs: 0 };
  const capacity = (slots / slotMs) * 1000;
  for (let ms = 0; ms <= 10_000; ms += 100) {
    const offered = ms < 5000 ? rps : laterRps;
    const served = Math.min(offered, capacity) / 10;
    totals.admitted += served;
    totals.shed += offered / 10 - served;
    totals.completed += served;
    const inflight = offered > capacity ? shed.limit : (offered * slotMs) / 1000;
    totals.rttMs += served * Math.max(slotMs, (inflight / capacity) * 1000);
    shed.tick(ms, totals.admitted, totals.shed, totals.completed, 0, totals.rttMs, inflight);
  }
}

describe("shedding law", () => {
  it("keeps the limit inside its bounds for any totals: NaN, infinite, running back", () => {
    fc.assert(
      fc.property(fc.array(tick, { maxLength: 60 }), bounds, (ticks, range) => {
        const { limit } = ticked(ticks, range, 3);
        assert.ok(limit >= range.min && limit <= range.max, `${limit}`);
      }),
    );
  });

  it("never gives a tier more room than a more important one, nor anyone more than the maximum", () => {
    fc.assert(
      fc.property(
        fc.array(tick, { maxLength: 40 }),
        bounds,
        fc.integer({ min: 1, max: 8 }),
        (ticks, range, tiers) => {
          const shed = ticked(ticks, range, tiers);
          const gates = Array.from({ length: tiers }, (_, tier) => shed.gate(tier));
          const isOrdered = gates.every((gate, tier) => tier === 0 || gate <= gates[tier - 1]!);
          assert.ok(isOrdered && gates[0]! <= range.max * (1 + 1e-12), gates.join());
        },
      ),
    );
  });

  it("admits at a count if it admits at any higher one, and always with nothing in flight", () => {
    fc.assert(
      fc.property(
        fc.array(tick, { maxLength: 40 }),
        bounds,
        fc.nat(9),
        fc.nat(2000),
        (ticks, range, tier, inflight) => {
          const shed = ticked(ticks, range, 3);
          const [fewer, more] = [
            shed.admit(of(tier), inflight),
            shed.admit(of(tier), inflight + 1),
          ];
          assert.ok(more !== Verdict.Admit || fewer === Verdict.Admit);
          assert.equal(shed.admit(of(tier), 0), Verdict.Admit);
        },
      ),
    );
  });

  it("changes nothing by being asked 100 times", () => {
    const shed = new Shed();
    shed.setTiers(3);
    feed(shed, {});
    const before = JSON.stringify(shed);
    for (let i = 0; i < 100; i++) shed.admit(of(i % 3), i);
    assert.equal(JSON.stringify(shed), before);
  });

  it("finds 16 slots of 20 ms under 5x load within 5 s: every slot busy, at most 2 waiting for each", () => {
    const shed = new Shed();
    shed.setTiers(3);
    shed.setBounds(4, 1000, 16);
    feed(shed, { rps: 400, laterRps: 4000 });
    assert.ok(shed.limit >= 16 && shed.limit <= 48, `${shed.limit}`);
    assert.ok(shed.isSaturated);
  });

  it("is loose at 50 % load: at least 3 times what is in flight, at most 100, not 1000", () => {
    const shed = new Shed();
    shed.setBounds(4, 1000, 16);
    feed(shed, { rps: 400 });
    assert.ok(shed.limit >= 24 && shed.limit <= 100, `${shed.limit}`);
    assert.equal(shed.isSaturated, false);
  });

  it("keeps the learned limit over a change of bounds, clamped; initial counts before the first sample only", () => {
    const shed = new Shed();
    shed.setBounds(4, 1000, 33);
    assert.equal(shed.limit, 33);
    feed(shed, { rps: 400 });
    const learned = shed.limit;
    shed.setBounds(4, 900, 700);
    assert.equal(shed.limit, learned);
    shed.setBounds(4, 20, 10);
    assert.equal(shed.limit, 20);
  });

  it("learns the longer time of a service of 32 ms at 64 % load, and does not call it saturated", () => {
    const shed = new Shed();
    shed.setBounds(4, 1000, 16);
    feed(shed, { rps: 320, slotMs: 32 });
    assert.ok(Math.abs(shed.baselineRttMs - 32) < 1, `${shed.baselineRttMs}`);
    assert.equal(shed.isSaturated, false);
  });
});
