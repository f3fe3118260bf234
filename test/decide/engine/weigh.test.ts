import assert from "node:assert/strict";
import type { Policy } from "../../../src/policy/intent/policy.ts";
import type { Slo } from "../../../src/policy/intent/slo.ts";
import { policy, slo } from "../../support/automation.ts";
import { shedding } from "../../support/policy-set.ts";
import { EngineRig } from "./engine-rig.ts";

const SLO = slo();

/** Roll the canary back, or else let fewer in. */
const POLICY = policy({
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [
    { kind: "weights", service: "checkout", weights: { v1: 100, v2: 0 } },
    { kind: "retries", service: "checkout", budgetRatio: 0.1 },
  ],
});

/** Shedding half of the traffic costs more than it saves where a tenth of it fails. */
const LIMIT = {
  name: "all",
  owner: "team-pay",
  target: { kind: "service" as const, name: "checkout" },
  rate: { requests: 100, perMs: 1000 },
  burst: 100,
  per: [],
  mode: "enforce" as const,
  scope: "local" as const,
};

const lastOf = (rig: EngineRig) => rig.records.findLast(({ subject }) => subject.kind === "Policy");
const only = { versions: { v1: [100, 20] } } as const;

describe("the actions of a policy, weighed", () => {
  it("passes over the first rank where no canary is there to blame, and takes the second", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] }).run(40, only);
    const record = rig.records.find(({ kind }) => kind === "action");
    assert.equal(record?.body.action?.move.kind, "retries");
    const [weights, retries, nothing] = record?.body.weighed ?? [];
    assert.equal(weights?.place, "runner-up");
    assert.equal(weights?.pBenefit, 0);
    assert.ok((weights?.gain ?? 1) < 0);
    assert.equal(retries?.place, "chosen");
    assert.ok((retries?.gain ?? 0) > 1);
    assert.ok((retries?.pBenefit ?? 0) >= 0.9);
    assert.deepEqual([nothing?.place, nothing?.gain], ["nothing", 0]);
  });

  it("says what is believed, and sums it to 1 within what is left out below 1 %", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] }).run(40, only);
    const believed = rig.records.find(({ kind }) => kind === "action")?.body.believed ?? [];
    const sum = believed.reduce((total, { chance }) => total + chance, 0);
    assert.ok(sum > 0.93 && sum <= 1 + 1e-9);
    assert.ok(believed.every(({ what }) => what !== "canary fault"));
  });

  it("holds a limit that would refuse 50 of 100 requests a second to save the 20 that fail", () => {
    const half = { kind: "rateLimit" as const, name: "all", factor: 0.5, tiers: [] };
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    const policy = { ...POLICY, then: [half] };
    const rig = new EngineRig({ policies: [policy], slos: [SLO], rateLimits: [LIMIT] });
    rig.run(40, only);
    const record = lastOf(rig);
    assert.equal(record?.body.verdict, "hold");
    assert.ok((record?.body.weighed?.[0]?.gain ?? 0) < -5000);
    assert.match(record?.body.flip ?? "", /No certainty of trouble would do/);
  });

  it("takes the same limit at 5 of 100 refused, and by `rules` at any price and without a figure", () => {
    const some = { kind: "rateLimit" as const, name: "all", factor: 0.95, tiers: [] };
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    const policy = { ...POLICY, then: [some] };
    const rig = new EngineRig({ policies: [policy], slos: [SLO], rateLimits: [LIMIT] });
    assert.equal(lastOf(rig.run(40, only))?.body.verdict, "act");
    const half = { ...some, factor: 0.5 };
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    const rules = { ...POLICY, method: "rules" as const, then: [half] };
    const ruled = new EngineRig({ policies: [rules], slos: [SLO], rateLimits: [LIMIT] });
    const record = lastOf(ruled.run(40, only));
    assert.equal(record?.body.verdict, "act");
    assert.equal(record?.body.weighed?.[0]?.gain, undefined);
  });

  describe("where gold, worth 1, fails 5 of 20 sampled, and bronze, worth 0.05, is 60 of 100 a second", () => {
    const tiers = [
      { name: "gold", value: 1, matches: [] },
      { name: "bronze", value: 0.05, matches: [] },
    ];
    const gold: Slo = { ...SLO, tier: "gold" };
    const second = {
      versions: { v1: [100, 25] },
      tiers: { gold: [4, 1], bronze: [6, 0] },
    } as const;
    const limited = (names: readonly string[], objective = gold) => {
      const move = { kind: "rateLimit" as const, name: "all", factor: 0.1, tiers: names };
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      const limiting = { ...POLICY, then: [move], confidence: 0.5 };
      const when = { text: 'age("requests") < duration("9s")', reads: [] };
      const rig = new EngineRig({
        policies: [{ ...limiting, when }],
        slos: [objective],
        rateLimits: [LIMIT],
        sheddings: [shedding({ tiers, target: { kind: "service", name: "checkout" } })],
      });
      return lastOf(rig.run(70, second));
    };

    it("a limit of bronze costs the 50 of it that are refused at their worth, and saves what gold loses a hundredfold of its sample", () => {
      const record = limited(["bronze"]);
      assert.equal(record?.body.verdict, "act");
      // Of gold 0.96 a second are lost beyond what is allowed, sampled: 96; 50 refused at 0.05 are 2.5.
      const gain = record?.body.weighed?.[0]?.gain ?? 0;
      assert.ok(gain > 300 * 20 && gain < 300 * 96, `${gain}`);
    });

    it("a limit of gold costs more than it saves where the whole fails a thousandth beyond its budget", () => {
      const small: Slo = { ...SLO, target: 0.76 };
      assert.equal(limited(["gold"], small)?.body.verdict, "hold");
    });
  });

  it("would have held below the chance of trouble that the record names", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] }).run(40, only);
    const { flip = "" } = rig.records.find(({ kind }) => kind === "action")?.body ?? {};
    const [, needed = "", is = ""] =
      /less likely than ([\d.]+) % \(it is ([\d.]+) %\)/.exec(flip) ?? [];
    assert.ok(Number(needed) > 85 && Number(needed) < Number(is), flip);
  });

  const LATENCY: Policy = {
    ...POLICY,
    when: { text: 'pAbove("db.latency", 0.12, "6s") > 0.9', reads: ["signal:db.latency"] },
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: [{ kind: "rateLimit", name: "all", factor: 0.5, tiers: [] }],
    verify: {
      signal: "db.latency",
      improve: { kind: "below", value: 0.08 },
      sustainedSeconds: 60,
      withinSeconds: 300,
    },
  };
  const quick = () =>
    new EngineRig({ policies: [LATENCY], rateLimits: [LIMIT] }).run(30, {
      ...only,
      signals: { "db.latency": 0.05 },
    });

  it("acts within 7 s of a slow database on a condition of 6 s, not once half a minute was slow", () => {
    const rig = quick();
    const from = rig.tick;
    rig.run(7, { ...only, signals: { "db.latency": 0.2 } });
    const record = rig.records.find(({ kind }) => kind === "action");
    assert.equal(record?.body.verdict, "act", JSON.stringify(rig.told));
    assert.ok((record?.tick ?? 0) - from <= 7);
  });

  it("acts within 60 s on a condition of a minute, though what it foresaw before the fault did not come true", () => {
    const when = { text: 'pAbove("db.latency", 0.12, "1m") > 0.9', reads: ["signal:db.latency"] };
    const rig = new EngineRig({ policies: [{ ...LATENCY, when }], rateLimits: [LIMIT] });
    rig.run(25, { ...only, signals: { "db.latency": 0.05 } });
    rig.run(60, { ...only, signals: { "db.latency": 0.2 } });
    assert.equal(lastOf(rig)?.body.verdict, "act", JSON.stringify(lastOf(rig)?.body.weighed));
  });

  it("does not take the word of a condition for a level below the one wished", () => {
    const verify = { ...LATENCY.verify!, improve: { kind: "below" as const, value: 0.15 } };
    const rig = new EngineRig({ policies: [{ ...LATENCY, verify }], rateLimits: [LIMIT] });
    rig.run(30, { ...only, signals: { "db.latency": 0.05 } });
    rig.run(7, { ...only, signals: { "db.latency": 0.2 } });
    assert.equal(lastOf(rig)?.body.verdict, "hold");
  });

  it("believes nothing and holds while its SLO is blind", () => {
    const rig = new EngineRig({ policies: [POLICY], slos: [SLO] }).blind(40);
    assert.equal(lastOf(rig)?.body.verdict, "hold");
    assert.equal(lastOf(rig)?.body.believed, undefined);
  });
});
