import assert from "node:assert/strict";
import { breakerBreaches } from "../../../src/decide/alerts/breaker-breaches.ts";
import { CLOSED } from "../../../src/decide/engine/breaker.ts";
import { EngineRig } from "../engine/engine-rig.ts";
import { AlertRig } from "./rig.ts";

const second = { versions: { v1: [10, 0] } } as const;

/** Seconds of an engine, each followed by those of the alerts. */
function hear(engine: EngineRig, alerts: AlertRig, seconds: number, isBlind: boolean): void {
  for (let at = 0; at < seconds; at++) {
    if (isBlind) engine.blind(1);
    else engine.run(1, second);
    alerts.breaches = breakerBreaches(engine.policySet.policies, engine.state);
    alerts.run(1);
  }
}

describe("breakers as alerts", () => {
  it("page once, to whoever listens, while telemetry is blind for 10 minutes", () => {
    const [engine, alerts] = [new EngineRig({}), new AlertRig()];
    hear(engine, alerts, 10, false);
    assert.equal(alerts.kinds, "");
    hear(engine, alerts, 600, true);
    assert.equal(alerts.kinds, "firing page");
    assert.deepEqual(alerts.told[0]?.targets, []);
    assert.match(
      alerts.told[0]?.alerts[0]?.title ?? "",
      /rests, its breaker is open: telemetry is/,
    );
  });

  it("are of 1 Policy its owner's, with 2 failures, and of one that is off nobody's", () => {
    const open = { sinceTick: 100, why: "2 of its last 5 actions failed" };
    const last = [true, false, true].map((failed) => ({ failed, policy: "relief" }));
    const policy = {
      name: "relief",
      owner: "team-pay",
      mode: "enforce",
      scope: { service: "shop" },
    };
    const breaches = (mode: string) =>
      breakerBreaches(
        [{ ...policy, mode }] as unknown as Parameters<typeof breakerBreaches>[0],
        {
          breaker: CLOSED,
          policies: { relief: { breaker: { ...CLOSED, open, last } } },
        } as unknown as Parameters<typeof breakerBreaches>[1],
      );

    const [found, ...others] = breaches("enforce");
    assert.deepEqual(others, []);
    assert.deepEqual(
      [found?.key, found?.severity, found?.targets, found?.value, found?.service, found?.sinceTick],
      ["breaker/policy/relief", "page", ["team-pay"], 2, "shop", 100],
    );
    assert.deepEqual(breaches("off"), []);
  });
});
