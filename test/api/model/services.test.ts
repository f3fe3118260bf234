import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BudgetHistory,
  historyOf,
  PARTS_OF_WINDOW,
} from "../../../src/api/model/budget-history.ts";
import { histogramOf } from "../../../src/api/model/rates.ts";
import { serviceViews } from "../../../src/api/model/services.ts";
import { SLOW_MS } from "../../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../../src/evidence/ledger.ts";
import type { Slo } from "../../../src/policy/intent/slo.ts";
import { policySet, service, shedding } from "../../support/policy-set.ts";

const HOUR = 3600;
const SLO = {
  ...{ name: "pay", service: "pay", target: 0.99, windowSeconds: HOUR },
  indicator: { kind: "errors" },
} as unknown as Slo;

/** A request of a hundred fails in the last half of the window, none before; `from` of its seconds are silent. */
function ledgerOf(from = 0): EvidenceLedger {
  const ledger = new EvidenceLedger();
  const first = 1_800_000_000;
  for (let second = from; second < HOUR; second++) {
    ledger.advance(first + second);
    const errors = second < HOUR / 2 ? 0 : 2;
    ledger.observe({ service: "pay", version: "v1" }, { requests: 100, errors });
  }
  ledger.advance(first + HOUR);
  return ledger;
}

describe("services as the API shows them", () => {
  it("keeps the budget for half a window, then spends all of it: 30 parts, oldest first", () => {
    const history = historyOf(SLO, ledgerOf().evidence());

    assert.equal(history.length, PARTS_OF_WINDOW);
    assert.equal(history[0], 1);
    assert.ok(Math.abs((history[14] ?? 0) - 1) < 0.1, String(history[14]));
    assert.ok(Math.abs((history[29] ?? 1) - 0) < 0.02, String(history[29]));
    const falls = history.slice(1).every((left, at) => (left ?? 0) <= (history[at] ?? 1) + 1e-9);
    assert.ok(falls, JSON.stringify(history));
  });

  it("does not know the parts before it first heard of the service", () => {
    const history = historyOf(SLO, ledgerOf(HOUR / 2).evidence());

    assert.deepEqual(history.slice(0, 13), Array(13).fill(null));
    assert.equal(typeof history.at(-1), "number");
  });

  it("makes the histories of 32 objectives a second, and has all 100 after 4", () => {
    const evidence = ledgerOf().evidence();
    const slos = Array.from({ length: 100 }, () => ({ ...SLO }));
    const budgets = new BudgetHistory();
    const known = (tick: number) =>
      slos.filter((slo) => budgets.of(slo, { ...evidence, tick }).length > 0).length;

    assert.deepEqual([1, 2, 3, 4].map(known), [32, 64, 96, 100]);
  });

  it("calls 6 samples in 6 of 60 seconds 10 requests a second of a tenant, with its fair part beside it", () => {
    const ledger = new EvidenceLedger();
    const first = 1_800_000_000;
    for (let second = 0; second < 60; second++) {
      ledger.advance(first + second);
      ledger.observe({ service: "pay", version: "v1" }, { requests: 100, errors: 0 });
      if (second % 10 === 5)
        ledger.observe({ service: "pay", tenant: "acme" }, { requests: 1, errors: 0 });
    }
    ledger.advance(first + 60);
    const weights = { acme: 2 };
    const set = policySet({
      services: [service({ name: "pay" })],
      sheddings: [
        shedding({ target: { kind: "service", name: "pay" }, tenant: { header: "x-t", weights } }),
      ],
    });
    const shedRates = () => new Map([["free", 5]]);

    const [view] = serviceViews(set, ledger.evidence(), { shedRates });

    const tenants = view?.parts.filter(({ part }) => part === "tenant");
    assert.deepEqual(
      tenants?.map(({ name, requestRps, fair }) => [name, requestRps, fair]),
      [
        ["acme", 10, { weight: 2, rps: 20 / 3 }],
        ["free", 0, { weight: 1, rps: 10 / 3 }],
      ],
    );
  });

  it("never counts a negative number of requests in a bucket, whatever order counters come in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: SLOW_MS.length, maxLength: SLOW_MS.length }),
        fc.nat(1000),
        (slow, timed) => {
          const counts = { requests: timed, errors: 0, slow, timed, seconds: 1, voidSeconds: 0 };
          const buckets = histogramOf(counts);
          assert.ok(buckets.every(({ requests }) => requests >= 0));
          const all = buckets.reduce((sum, { requests }) => sum + requests, 0);
          assert.equal(all, Math.max(timed, ...slow));
        },
      ),
    );
  });
});
