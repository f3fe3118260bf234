import assert from "node:assert/strict";
import { mostCarried } from "../../../src/decide/engine/headroom.ts";
import { shiftPlan } from "../../../src/decide/engine/locality-load.ts";
import { EvidenceLedger } from "../../../src/evidence/ledger.ts";
import { endpoint, policySet, service } from "../../support/policy-set.ts";

const [US_RPS, EU_RPS] = [60, 30];
const SERVICE = service({
  versions: [
    {
      name: "v1",
      endpoints: ["eu", "us"].map((region) => endpoint({ locality: { region, zone: "a" } })),
    },
  ],
  maxRatePerEndpoint: { requests: 80, perMs: 1000 },
});
const SHIFT = {
  kind: "shift",
  service: "checkout",
  from: "eu/a",
  maxRatio: 0.9,
  stepRatio: 0.4,
  everySeconds: 50,
  now: { ratio: 0.4, to: { "us/a": 1 } },
} as const;

/** Each of 90 seconds of load reports; those of the seconds `held` come with the one after them. */
function* secondsOf(held: readonly number[]) {
  const ledger = new EvidenceLedger();
  let late = 0;
  for (let second = 0; second < 90; second++) {
    ledger.advance(1000 + second);
    yield ledger;
    late += 1;
    if (held.includes(second)) continue;
    const tell = (part: object, rps: number, errors = 0) =>
      ledger.observe(
        { service: "checkout", ...part },
        { requests: late * rps, errors: late * errors },
      );
    tell({ version: "v1" }, US_RPS + EU_RPS, EU_RPS);
    tell({ source: "load reports" }, US_RPS + EU_RPS);
    tell({ locality: "us/a" }, US_RPS);
    tell({ locality: "eu/a" }, EU_RPS, EU_RPS);
    late = 0;
  }
}

const groundOf = (ledger: EvidenceLedger) => ({
  policySet: policySet({ services: [SERVICE] }),
  evidence: ledger.evidence(),
  slo: undefined,
  settledSeconds: 50,
});

describe("what a locality is asked", () => {
  for (const held of [[], [62, 63], [70, 71, 72], [63, 65, 67, 69]]) {
    it(`is 60 of 68 a second, and never above, where ${held.length} s of reports come late`, () => {
      for (const ledger of secondsOf(held)) {
        if (ledger.tick <= 1070) continue;
        const { over, text } = shiftPlan(SHIFT, groundOf(ledger)) ?? {};
        assert.deepEqual([over, text], [undefined, "us/a has 60 of 68 a second"]);
      }
    });
  }

  it("is no more than the 60 it has shown to carry where 1 to 9 s of reports come at once", () => {
    const gaps = Array.from({ length: 9 }, (_, more) => [...Array(more + 1).keys()]);
    for (const held of gaps.map((gap) => gap.map((at) => 50 + at))) {
      for (const ledger of secondsOf(held)) {
        if (ledger.tick < 1040) continue;
        const most = mostCarried(ledger.evidence(), [{ service: "checkout", locality: "us/a" }]);
        assert.ok(most !== undefined && most > 50 && most <= US_RPS + 1e-9, `${held}: ${most}`);
      }
    }
  });
});
