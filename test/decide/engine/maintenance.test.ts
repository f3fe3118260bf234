import assert from "node:assert/strict";
import { isOpen } from "../../../src/decide/engine/maintenance.ts";
import type { Maintenance } from "../../../src/policy/intent/maintenance.ts";

function window(cron: string, zone = "UTC", forSeconds = 7200): Maintenance {
  return {
    name: "m",
    scope: { labels: {} },
    window: { kind: "cron", cron, zone, forSeconds },
    freeze: [],
    suppress: [],
    sloExclude: false,
  };
}

const at = (text: string) => Date.parse(text) / 1000;

describe("maintenance", () => {
  it("is open for 2 hours from 02:00 on Sundays, in UTC and in Berlin's winter time", () => {
    const sunday = window("0 2 * * 0");
    assert.equal(isOpen(sunday, at("2026-11-22T01:59:59Z")), false);
    assert.equal(isOpen(sunday, at("2026-11-22T02:00:00Z")), true);
    assert.equal(isOpen(sunday, at("2026-11-22T03:59:59Z")), true);
    assert.equal(isOpen(sunday, at("2026-11-22T04:00:00Z")), false);
    assert.equal(isOpen(sunday, at("2026-11-23T02:30:00Z")), false);
    assert.equal(isOpen(window("0 2 * * 0", "Europe/Berlin"), at("2026-11-22T01:00:00Z")), true);
  });

  it("reads lists, ranges and steps: every 15 minutes from 9 to 17 on weekdays, for 60 s", () => {
    const office = window("*/15 9-17 * * 1-5", "UTC", 60);
    assert.equal(isOpen(office, at("2026-11-23T09:15:30Z")), true);
    assert.equal(isOpen(office, at("2026-11-23T09:16:00Z")), false);
    assert.equal(isOpen(office, at("2026-11-23T18:00:00Z")), false);
    assert.equal(isOpen(office, at("2026-11-22T09:15:30Z")), false);
  });
});
