import assert from "node:assert/strict";
import fc from "fast-check";
import { planShift } from "../../../src/decide/engine/shift-plan.ts";
import type { Shifted } from "../../../src/policy/intent/locality-shift.ts";
import type { Policy } from "../../../src/policy/intent/policy.ts";
import { policy, slo } from "../../support/automation.ts";
import { endpoint, service } from "../../support/policy-set.ts";
import { EngineRig } from "./engine-rig.ts";

const BOUND = 0.85;
/** Up to here it is filled. */
const PLANNED = 0.82;

describe("the plan of a shift", () => {
  const load = fc.record({
    rps: fc.double({ min: 0, max: 1000, noNaN: true }),
    capacityRps: fc.double({ min: 0, max: 1000, noNaN: true }),
    isBad: fc.boolean(),
  });
  const named = fc
    .array(load, { minLength: 1, maxLength: 5 })
    .map((loads) => loads.map((each, at) => ({ ...each, name: `l${at}` })));

  it("takes nobody above 85 % of what it can carry who was not there before, and asks nothing of who is not well", () => {
    fc.assert(
      fc.property(named, fc.double({ min: 0.1, max: 1000, noNaN: true }), (others, rps) => {
        const plan = planShift({ name: "from", rps, isBad: true }, others);
        for (const { name, rps: own, capacityRps, isBad } of others) {
          const added = rps * plan.fitRatio * (plan.to[name] ?? 0);
          if (isBad) assert.equal(added, 0);
          assert.ok(added === 0 || own + added <= PLANNED * capacityRps + 1e-6, name);
        }
      }),
    );
  });

  it("knows what of a load was moved before: planned again, it is the same", () => {
    const others = [
      { name: "us/a", rps: 40, capacityRps: 100, isBad: false },
      { name: "asia/a", rps: 70, capacityRps: 100, isBad: false },
    ];
    const first = planShift({ name: "eu/a", rps: 100, isBad: true }, others);
    const now = { ratio: 0.3, to: first.to };
    const moved = others.map((each) => ({
      ...each,
      rps: each.rps + 30 * (first.to[each.name] ?? 0),
    }));
    const again = planShift({ name: "eu/a", rps: 70, isBad: true }, moved, now);

    assert.deepEqual(first.to, { "us/a": 0.777, "asia/a": 0.222 });
    assert.equal(Math.round(first.fitRatio * 100), 54);
    assert.deepEqual([again.to, Math.round(again.fitRatio * 100)], [first.to, 54]);
  });

  it("has no room where nobody knows what a locality can carry", () => {
    const plan = planShift({ name: "eu/a", rps: 10, isBad: true }, [
      { name: "us/a", rps: 5, isBad: false },
    ]);

    assert.deepEqual([plan.fitRatio, plan.text], [0, "what us/a can carry is not known"]);
  });
});

const SLO = slo();

const POLICY = policy({
  name: "leave-eu",
  when: { text: 'burn("availability", "30s") > 3.0', reads: ["burn:availability"] },
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [
    {
      kind: "shift",
      service: "checkout",
      from: "eu/a",
      maxRatio: 0.9,
      stepRatio: 0.4,
      everySeconds: 20,
    },
  ],
  guard: { minIntervalSeconds: 30, budgetPerHour: 4, floor: {}, exempt: [] },
  verify: {
    signal: "availability",
    improve: { kind: "burnBelow", burn: 2 },
    sustainedSeconds: 60,
    withinSeconds: 600,
  },
  revert: { onHarm: true },
});

const PLACES = ["eu/a", "us/a", "asia/a"] as const;
const CAPACITY = 100;

/** Three localities of 100 requests a second each, asked as the actions in force say. */
class Regions {
  readonly rig: EngineRig;
  /** Requests a second that each is asked by itself. */
  demand = { "eu/a": 60, "us/a": 60, "asia/a": 40 };
  /** Of the requests to eu/a. */
  failing = 0;
  most = 0;

  constructor(
    maxRatePerEndpoint = { requests: CAPACITY, perMs: 1000 },
    parts: Partial<Policy> = {},
  ) {
    const endpoints = PLACES.map((place) => {
      const [region = "", zone = ""] = place.split("/");
      return endpoint({ locality: { region, zone } });
    });
    this.rig = new EngineRig({
      policies: [{ ...POLICY, ...parts }],
      slos: [SLO],
      services: [service({ versions: [{ name: "v1", endpoints }], maxRatePerEndpoint })],
    });
  }

  get now(): Shifted | undefined {
    const move = this.rig.actions[0]?.move;
    return move?.kind === "shift" ? move.now : undefined;
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      const { ratio = 0, to = {} } = this.now ?? {};
      const eu = this.demand["eu/a"];
      const moved = (place: string) => eu * ratio * (to[place] ?? 0);
      const [us, asia] = [moved("us/a"), moved("asia/a")];
      const rates = [eu - us - asia, this.demand["us/a"] + us, this.demand["asia/a"] + asia];
      this.most = Math.max(this.most, ...(ratio > 0 ? rates.slice(1) : []));
      const counts = rates.map((rps) => Math.round(rps));
      const errors = Math.round((counts[0] ?? 0) * this.failing);
      const all = counts.reduce((sum, each) => sum + each, 0);
      this.rig.run(1, {
        versions: { v1: [all, errors] },
        localities: Object.fromEntries(
          PLACES.map((place, at) => [place, [counts[at] ?? 0, at === 0 ? errors : 0]]),
        ),
      });
    }
    return this;
  }

  get told(): string {
    return this.rig.records
      .filter(({ subject }) => subject.kind === "Policy")
      .map(({ body }) => body.verdict)
      .join(", ");
  }
}

describe("a shift from a locality that fails 50 % of its requests", () => {
  it("goes 40 % at a time to what fits, keeps others at 85 of 100 a second, and comes back the same way once it is well", () => {
    const regions = new Regions().run(60);
    assert.equal(regions.told, "");
    regions.failing = 0.5;
    regions.run(50);
    assert.equal(regions.told, "hold, act, go on, go on");
    assert.equal(regions.now?.ratio, 0.9);
    // 22 and 42 are free of 82 each, for the 60 a second of eu/a.
    assert.ok(Math.abs((regions.now?.to["us/a"] ?? 0) - 22 / 64) < 0.01);
    assert.ok(regions.most <= BOUND * CAPACITY, `${regions.most}`);
    regions.run(120);
    assert.equal(regions.told, "hold, act, go on, go on, success");
    regions.failing = 0;
    regions.run(250);
    assert.equal(regions.now, undefined);
    assert.match(regions.told, /success, give back, give back, release$/);
  });

  it("goes no further than 85 % of what the others can carry", () => {
    const regions = new Regions({ requests: 80, perMs: 1000 }).run(60);
    regions.failing = 0.5;
    regions.run(60);
    // 5.6 and 25.6 are free of 65.6 each: 31.2 of 60.
    assert.ok(Math.abs((regions.now?.ratio ?? 0) - 0.52) < 0.01, `${regions.now?.ratio}`);
    assert.ok(regions.most <= BOUND * 80, `${regions.most}`);
  });

  it("takes back at once what no longer fits, within 15 s of more load at the takers", () => {
    const regions = new Regions().run(60);
    regions.failing = 0.5;
    regions.run(45);
    regions.demand["us/a"] = 80;
    regions.run(15);
    assert.match(regions.told, /shorten/);
    assert.ok((regions.now?.ratio ?? 1) <= 50 / 60, `${regions.now?.ratio}`);
    const { ratio = 0, to = {} } = regions.now ?? {};
    assert.ok(80 + 60 * ratio * (to["us/a"] ?? 0) <= 86, JSON.stringify(regions.now));
  });

  it("is refused by name where the others are full", () => {
    const regions = new Regions({ requests: 60, perMs: 1000 });
    regions.demand["asia/a"] = 60;
    regions.run(60);
    regions.failing = 0.5;
    regions.run(30);
    const record = regions.rig.records.findLast(({ subject }) => subject.kind === "Policy");
    assert.equal(record?.body.verdict, "hold");
    assert.deepEqual(record?.body.guards, [
      {
        name: "capacity",
        passed: false,
        text: "asia/a has 60 of 51 a second, us/a has 60 of 51 a second",
      },
    ]);
  });

  it("ends by its time too, a step at a time, well or not", () => {
    const regions = new Regions(undefined, { revert: { onHarm: true, ttlSeconds: 60 } }).run(60);
    regions.failing = 0.5;
    regions.run(120);
    assert.match(regions.told, /^hold, act, go on, go on, .*give back, give back, expire/);
  });
});
