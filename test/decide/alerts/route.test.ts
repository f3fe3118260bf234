import assert from "node:assert/strict";
import fc from "fast-check";
import type { Breach } from "../../../src/decide/alerts/alert.ts";
import type { Maintenance } from "../../../src/policy/intent/maintenance.ts";
import { AlertRig, breach } from "./rig.ts";

const slow = breach({ key: "slo/pay.fast", slo: "pay", service: "checkout", decision: "d1" });
const small = breach({
  key: "slo/pay.slow",
  slo: "pay",
  service: "checkout",
  severity: "ticket",
  decision: "d2",
});

/** 500 breaches of so many services, all at once or one a tick. */
function storm(services: number): Breach[] {
  return Array.from({ length: 500 }, (_, at) =>
    breach({ key: `slo/${at}`, slo: `slo-${at}`, service: `service-${at % services}` }),
  );
}

describe("alerts", () => {
  it("tells of a breach once, 5 s after it began, and once more 30 s after it ended", () => {
    const rig = new AlertRig();
    rig.breaches = [slow];
    rig.run(5);
    assert.equal(rig.kinds, "");
    rig.run(600);
    assert.equal(rig.kinds, "firing page");
    rig.breaches = [];
    rig.run(30);
    assert.equal(rig.kinds, "firing page");
    rig.run(2);
    assert.equal(rig.kinds, "firing page, resolved page");
  });

  it("counts what flickers 10 times within 20 s as one", () => {
    const rig = new AlertRig();
    for (let flick = 0; flick < 10; flick++) {
      rig.breaches = flick % 2 === 0 ? [slow] : [];
      rig.run(2);
    }
    rig.run(60);
    assert.equal(rig.kinds, "firing page, resolved page");
    assert.equal(Object.keys(rig.book.alerts).length, 1);
  });

  it("says nothing of what began and ended in a window of maintenance, and keeps it to look at", () => {
    const rig = new AlertRig();
    rig.breaches = [{ ...slow, severity: "ticket" }];
    rig.maintenances = [window(["ticket"])];
    rig.run(3);
    rig.breaches = [];
    rig.run(60);
    assert.equal(rig.kinds, "");
    assert.equal(rig.states, "resolved");
  });

  for (const services of [1, 7, 50, 500]) {
    it(`makes of 500 breaches of ${services} services at once at most 5 notifications, and as many when they end`, () => {
      const rig = new AlertRig();
      rig.breaches = storm(services);
      rig.run(20);
      const fired = rig.told.length;
      assert.ok(fired >= 1 && fired <= 5, `${fired}`);
      const told = rig.told.reduce((sum, { alerts, more }) => sum + alerts.length + more, 0);
      assert.equal(told, 500);
      rig.breaches = [];
      rig.run(35);
      assert.equal(rig.told.length, 2 * fired);
      assert.equal(new Set(rig.told.map(({ key }) => key)).size, rig.told.length);
    });
  }

  it("makes of 500 breaches that come over 250 s at most 5 groups, each told again at most every 300 s", () => {
    const rig = new AlertRig();
    const all = storm(500);
    for (let second = 0; second < 250; second++) {
      rig.breaches = all.slice(0, 2 * (second + 1));
      rig.run(1);
    }
    assert.ok(rig.told.length <= 5, `${rig.told.length}`);
    rig.run(300);
    assert.ok(rig.told.length <= 6, `${rig.told.length}`);
  });

  it("groups by service and by causing decision: 3 alerts of 2 services and 1 decision are 1 notification", () => {
    const rig = new AlertRig();
    rig.breaches = [
      slow,
      breach({ key: "policy/a", service: "checkout", decision: "d7" }),
      breach({ key: "policy/b", service: "search", decision: "d7" }),
    ];
    rig.run(10);
    assert.equal(rig.told.length, 1);
    assert.equal(rig.told[0]?.alerts.length, 3);
  });

  it("keeps the ticket of an objective back while its page fires, and tells of it once that is over", () => {
    const rig = new AlertRig();
    rig.breaches = [slow, small];
    rig.run(20);
    assert.equal(rig.told[0]?.alerts.length, 1);
    assert.match(rig.states, /suppressed/);
    rig.breaches = [small];
    rig.run(400);
    assert.deepEqual(
      rig.told.map(({ alerts }) => alerts.map(({ severity }) => severity).join()),
      ["page", "ticket"],
    );
  });

  it("keeps back what follows from a record that another alert tells of", () => {
    const rig = new AlertRig();
    rig.breaches = [
      slow,
      breach({ key: "policy/x", service: "db", decision: "d9", causes: ["d1"] }),
    ];
    rig.run(20);
    assert.equal(rig.told.length, 1);
    assert.equal(rig.told[0]?.alerts.length, 1);
  });

  it("keeps a window of maintenance quiet, and tells of what outlives it", () => {
    const rig = new AlertRig();
    rig.maintenances = [
      { ...window(["page"]), window: { kind: "once", fromMs: 0, toMs: 1_000_100_000 } },
    ];
    rig.breaches = [slow];
    rig.run(100);
    assert.equal(rig.kinds, "");
    assert.equal(Object.values(rig.book.alerts)[0]?.suppressedBy, "maintenance quiet");
    rig.run(10);
    assert.equal(rig.kinds, "firing page");
  });

  it("is quiet for a window of its own service only", () => {
    const rig = new AlertRig();
    rig.maintenances = [{ ...window(["page"]), scope: { service: "db", labels: {} } }];
    rig.breaches = [slow, breach({ key: "slo/db", service: "db" })];
    rig.run(10);
    assert.deepEqual(
      rig.told.flatMap(({ alerts }) => alerts.map(({ service }) => service)),
      ["checkout"],
    );
  });

  for (const [matchers, state] of [
    [[{ name: "service", value: "check.*", isRegex: true, isEqual: true }], "suppressed"],
    [[{ name: "service", value: "check", isRegex: true, isEqual: true }], "firing"],
    [[{ name: "service", value: "db", isRegex: false, isEqual: false }], "suppressed"],
    [
      [
        { name: "severity", value: "page", isRegex: false, isEqual: true },
        { name: "team", value: "x", isRegex: false, isEqual: true },
      ],
      "firing",
    ],
    [[], "firing"],
  ] as const) {
    it(`is ${state} under a silence of ${JSON.stringify(matchers.map((each) => Object.values(each)))}`, () => {
      const rig = new AlertRig();
      rig.silences = [{ id: "s1", createdBy: "mira", matchers }];
      rig.breaches = [slow];
      rig.run(10);
      assert.equal(rig.states, state);
    });
  }

  it("escalates a ticket to a page once a mitigation of its service failed, with what was tried", () => {
    const rig = new AlertRig();
    rig.policies = [{ name: "p", scope: { service: "checkout", labels: {} } } as never];
    rig.breaches = [{ ...small, sinceTick: rig.tick }];
    rig.run(10);
    assert.equal(rig.kinds, "firing ticket");
    rig.record({
      kind: "outcome",
      subject: { kind: "Policy", name: "p" },
      body: { verdict: "no effect", because: ["it did not help"], causes: [] },
    });
    rig.run(100);
    assert.equal(rig.kinds, "firing ticket, escalated page");
    assert.deepEqual(rig.told[1]?.alerts[0]?.tried, ["Policy p: no effect: it did not help"]);
  });

  it("does not escalate for a mitigation that succeeded, or of another service", () => {
    const rig = new AlertRig();
    rig.policies = [
      { name: "p", scope: { service: "checkout", labels: {} } } as never,
      { name: "q", scope: { service: "db", labels: {} } } as never,
    ];
    rig.breaches = [{ ...small, sinceTick: rig.tick }];
    rig.run(10);
    for (const [name, verdict] of [
      ["p", "success"],
      ["q", "no effect"],
    ] as const) {
      rig.record({
        kind: "outcome",
        subject: { kind: "Policy", name },
        body: { verdict, because: ["so it went"], causes: [] },
      });
    }
    rig.run(100);
    assert.equal(rig.kinds, "firing ticket");
  });

  it("tells of a page again every 4 h, of nothing else", () => {
    const rig = new AlertRig();
    rig.breaches = [slow];
    rig.run(4 * 3600 + 20);
    assert.equal(rig.kinds, "firing page, repeat page");
  });

  it("gives equal books for breaches in any order, 50 shuffles", () => {
    const all = storm(9).slice(0, 40);
    const digestOf = (breaches: readonly Breach[]) => {
      const rig = new AlertRig();
      rig.breaches = breaches;
      rig.run(8);
      return JSON.stringify(rig.told.map(({ key, alerts }) => [key, alerts.map(({ id }) => id)]));
    };
    const expected = digestOf(all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        assert.equal(digestOf(shuffled), expected);
      }),
      { numRuns: 50 },
    );
  });

  it("goes on after its book went through JSON in the middle of anything, and tells nothing twice", () => {
    const rig = new AlertRig();
    rig.breaches = storm(3).slice(0, 6);
    for (let second = 0; second < 400; second++) {
      rig.run(1);
      rig.book = JSON.parse(JSON.stringify(rig.book));
      if (second === 200) rig.breaches = [];
    }
    assert.equal(rig.told.length, 6);
    assert.equal(new Set(rig.told.map(({ key }) => key)).size, 6);
  });
});

function window(suppress: Maintenance["suppress"]): Maintenance {
  return {
    name: "quiet",
    scope: { labels: {} },
    window: { kind: "once", fromMs: 0, toMs: 9e12 },
    freeze: [],
    suppress,
    sloExclude: false,
  };
}
