import assert from "node:assert/strict";
import type { BurnAlert } from "../../../src/policy/intent/burn-alert.ts";
import type { Maintenance } from "../../../src/policy/intent/maintenance.ts";
import { slo } from "../../support/automation.ts";
import { EngineRig } from "./engine-rig.ts";

const SLO = slo();

const PAGE: BurnAlert = {
  name: "availability.fast",
  slo: "availability",
  severity: "page",
  burn: 10,
  lookbackSeconds: 60,
  afterSeconds: 30,
  targets: ["team-pay"],
};

const GOOD = { versions: { v1: [50, 0] } } as const;
const OUTAGE = { versions: { v1: [50, 50] } } as const;
/** Burns 2 times: a ticket. */
const TWICE = { versions: { v1: [100, 2] } } as const;
/** Burns 5 times: no pair of windows, but the rule of 4 times for 10 minutes. */
const FIVE_TIMES = { versions: { v1: [100, 5] } } as const;

describe("alerts of the engine", () => {
  it("page an outage at 50 rps within 40 s, and resolve a minute after the short window is calm", () => {
    const rig = new EngineRig({ slos: [SLO] });
    rig.run(600, GOOD).run(40, OUTAGE);
    assert.deepEqual(rig.told, ["page availability.page"]);
    const [record] = rig.records;
    assert.equal(record?.kind, "page");
    assert.equal(record?.subject.name, "availability");
    assert.equal(record?.body.alert?.service, "checkout");
    assert.ok((record?.body.alert?.posterior ?? 0) > 0.999);
    rig.run(300, GOOD);
    assert.equal(rig.told.length, 1);
    rig.run(1200, GOOD);
    assert.equal(rig.told[1], "resolve availability.page");
    assert.deepEqual(rig.records[1]?.body.causes, [record?.id]);
  });

  it("page a burn of 5 by the rule of 4 times for 10 minutes", () => {
    const rig = new EngineRig({ slos: [SLO] }).run(600, FIVE_TIMES);
    assert.equal(rig.records[0]?.body.alert?.rule, "4x for 10m");
    assert.equal(rig.records[0]?.body.alert?.threshold, 4);
  });

  it("write a ticket for a burn of 2 once it has lasted 15 minutes, and none beside a page", () => {
    const rig = new EngineRig({ slos: [SLO] }).run(900, TWICE);
    assert.deepEqual(rig.told, []);
    rig.run(300, TWICE);
    assert.deepEqual(rig.told, ["ticket availability.ticket"]);
    const paged = new EngineRig({ slos: [SLO] }).run(1200, OUTAGE);
    assert.deepEqual(paged.told, ["page availability.page"]);
  });

  it("say nothing of one bad request among 36, a burn of 2.8", () => {
    const rig = new EngineRig({ slos: [SLO] });
    rig.run(1, { versions: { v1: [36, 1] } }).run(60, { versions: { v1: [0, 0] } });
    assert.deepEqual(rig.told, []);
  });

  it("follow an AlertPolicy as written: a burn of 10 over 1 min, held 30 s, to its targets", () => {
    const rig = new EngineRig({ slos: [SLO], burnAlerts: [PAGE] });
    rig.run(60, GOOD).run(20, { versions: { v1: [50, 25] } });
    assert.deepEqual(rig.told, []);
    rig.run(40, { versions: { v1: [50, 25] } });
    assert.deepEqual(rig.told, ["page availability.fast"]);
    assert.deepEqual(rig.records[0]?.body.alert?.targets, ["team-pay"]);
  });

  it("forget a burn that did not last the 30 s its AlertPolicy asks for", () => {
    const rig = new EngineRig({ slos: [SLO], burnAlerts: [{ ...PAGE, afterSeconds: 120 }] });
    rig.run(60, GOOD).run(10, OUTAGE).run(300, GOOD);
    assert.deepEqual(rig.told, []);
  });

  it("are kept back while a Maintenance is open, and told once it is over and they still burn", () => {
    const window = { kind: "once", fromMs: 0, toMs: 100_700 * 1000 } as const;
    const maintenance: Maintenance = {
      name: "night",
      scope: { service: "checkout", labels: {} },
      window,
      freeze: [],
      suppress: ["page"],
      sloExclude: false,
    };
    const rig = new EngineRig({ slos: [SLO], maintenances: [maintenance] });
    rig.run(690, OUTAGE);
    assert.deepEqual(rig.told, ["suppress availability.page"]);
    rig.run(30, OUTAGE);
    assert.equal(rig.told[1], "page availability.page");
  });

  it("stay as they are while the service is blind, and end with their SLO", () => {
    const rig = new EngineRig({ slos: [SLO] }).run(60, OUTAGE);
    rig.blind(1200);
    assert.deepEqual(rig.told, ["page availability.page", "open breaker"]);
    assert.equal(Object.keys(rig.state.alerts).length, 1);
    rig.policySet = { ...rig.policySet, slos: [] };
    rig.run(1, GOOD);
    assert.equal(rig.told.at(-1), "resolve availability.page");
  });
});
