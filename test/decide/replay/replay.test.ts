import assert from "node:assert/strict";
import fc from "fast-check";
import { type ReplayPolicy, replay } from "../../../src/decide/replay/replay.ts";
import { reportReplay } from "../../../src/decide/replay/report.ts";
import type { TraceRequest } from "../../../src/decide/replay/trace.ts";
import type { Shedding } from "../../../src/policy/intent/shedding.ts";
import { shedding } from "../../support/policy-set.ts";
import { traced } from "../../support/trace.ts";

const CHECKOUT = ["checkout.v41"];

function policy(...sheddings: readonly Partial<Shedding>[]): ReplayPolicy {
  const scopes = sheddings.map((parts) => ({
    shedding: shedding(parts),
    clusters: CHECKOUT,
    routes: [],
  }));
  return { scopes, stripped: ["x-qmesh-tier"] };
}

const FOUR = { limit: { min: 4, max: 4, initial: 4 } };
const TIERS: Partial<Shedding> = {
  tiers: [
    { name: "critical", matches: [{ headers: [{ name: "x-c", value: "1" }] }] },
    { name: "default", matches: [] },
  ],
  unmatched: 1,
  limit: { min: 8, max: 8, initial: 8 },
};

/** `rps` requests a second for `seconds`, 20 ms each; `headersOf` of the request's number. */
function load(
  rps: number,
  seconds: number,
  headersOf: (index: number) => Record<string, string> = () => ({}),
): TraceRequest[] {
  return Array.from({ length: rps * seconds }, (_, index) =>
    traced({
      atMs: 5000 + (index * 1000) / rps,
      headers: { "x-request-id": `r${index}`, ...headersOf(index) },
    }),
  );
}

describe("replay", () => {
  it("sheds 0 of 2000 requests at half of what the limit holds", () => {
    // 100 a second of 20 ms are 2 in flight.
    const outcomes = replay(policy(FOUR), load(100, 20));

    assert.deepEqual(
      outcomes.filter(({ isAdmitted }) => !isAdmitted),
      [],
    );
  });

  it("keeps at most 4 in flight under a limit of 4, whatever comes when and for how long", () => {
    const request = fc.record({
      atMs: fc.integer({ min: 0, max: 2000 }),
      durationMs: fc.integer({ min: 1, max: 500 }),
      status: fc.constantFrom(200, 503, 0),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (parts) => {
        const trace = parts.map((each) => traced(each));

        const admitted = trace.filter((_, index) => outcomesOf(trace)[index]!.isAdmitted);

        for (const { atMs } of admitted) {
          const inflight = admitted.filter(
            (other) => other.atMs <= atMs && atMs < other.atMs + other.durationMs,
          );
          assert.ok(inflight.length <= 4, `${inflight.length} at ${atMs} ms`);
        }
      }),
      { numRuns: 30 },
    );
  });

  const memo = new WeakMap<object, ReturnType<typeof replay>>();
  function outcomesOf(trace: readonly TraceRequest[]) {
    const known = memo.get(trace) ?? replay(policy(FOUR), trace);
    memo.set(trace, known);
    return known;
  }

  it("gives each request the same outcome in whatever order the trace has its lines", () => {
    const trace = load(600, 3);
    const reversed = trace.toReversed();

    assert.deepEqual(replay(policy(TIERS), reversed).toReversed(), replay(policy(TIERS), trace));
  });

  it("serves at least 99 % of critical at 3 times the capacity, a tenth of the load", () => {
    // 8 places of 20 ms serve 400 a second.
    const trace = load(1200, 10, (index) => (index % 10 === 0 ? { "x-c": "1" } : {}));

    const { rows } = reportReplay(replay(policy(TIERS), trace));

    const [critical, rest] = rows;
    assert.equal(critical!.tier, "critical");
    assert.ok(critical!.a.admitted >= 0.99 * critical!.a.offered, JSON.stringify(critical));
    assert.ok(rest!.a.shed > 0.5 * rest!.a.offered, JSON.stringify(rest));
  });

  it("serves 9 small tenants twice as well with fair shares, beside one at 20 times their load", () => {
    const tenantOf = (index: number) => {
      const drawn = Math.imul(index, 0x9e3779b1) >>> 16;
      return drawn % 29 < 20 ? "greedy" : `t${drawn % 29}`;
    };
    const trace = load(1160, 20, (index) => ({ "x-tenant": tenantOf(index) }));
    const fair = { tenant: { header: "x-tenant", weights: {} }, limit: TIERS.limit! };

    const shared = replay(policy({ limit: TIERS.limit! }), trace);
    const divided = replay(policy(fair), trace);

    const servedRatio = (outcomes: typeof shared) => {
      const small = outcomes.filter((_, index) => tenantOf(index) !== "greedy");
      return small.filter(({ isAdmitted }) => isAdmitted).length / small.length;
    };
    assert.ok(servedRatio(divided) >= 2 * servedRatio(shared), String(servedRatio(divided)));
  });

  it("admits all in shadow and marks some, admits all when off and marks none", () => {
    const trace = load(1200, 3);
    const count = (mode: Shedding["mode"]) =>
      reportReplay(replay(policy({ ...FOUR, mode }), trace)).rows[0]!.a;

    const shadow = count("shadow");
    const off = count("off");

    assert.deepEqual([shadow.offered, shadow.admitted, shadow.shed], [3600, 3600, 0]);
    assert.ok(shadow.wouldShed > 1000, JSON.stringify(shadow));
    assert.deepEqual(off, { offered: 3600, admitted: 3600, shed: 0, wouldShed: 0 });
  });

  it("takes the first scope that holds a cluster or a route, and none for the rest", () => {
    const scopes = [
      { shedding: shedding({ name: "route" }), clusters: [], routes: ["HTTPRoute/pay"] },
      { shedding: shedding({ name: "service" }), clusters: CHECKOUT, routes: [] },
    ];
    const trace = [traced({ route: "HTTPRoute/pay" }), traced(), traced({ cluster: "" })];

    const outcomes = replay({ scopes, stripped: [] }, trace);

    assert.deepEqual(
      outcomes.map(({ scope }) => scope),
      ["route", "service", ""],
    );
  });

  it("believes no header that the gateway strips", () => {
    const trace = [traced({ headers: { "x-c": "1" } })];
    const stripping = { ...policy(TIERS), stripped: ["x-c"] };

    assert.equal(replay(policy(TIERS), trace)[0]!.tier, "critical");
    assert.equal(replay(stripping, trace)[0]!.tier, "default");
  });

  it("exempts 4 at a time, and counts the 5th as any other", () => {
    const exempt = [{ headers: [], path: { type: "Exact" as const, value: "/" } }];
    const trace = Array.from({ length: 5 }, () => traced());

    const { rows } = reportReplay(replay(policy({ exempt }), trace));

    assert.deepEqual(
      rows.map(({ tier, a }) => [tier, a.offered]),
      [
        ["", 4],
        ["default", 1],
      ],
    );
  });
});

describe("reportReplay", () => {
  it("finds 0 differing requests between a policy and itself", () => {
    const outcomes = replay(policy(TIERS), load(1200, 2));

    assert.deepEqual(reportReplay(outcomes, outcomes).differing, {
      requests: 0,
      shedOnlyUnderA: 0,
      shedOnlyUnderB: 0,
    });
  });

  it("counts as differing what one admits and the other sheds: all that enforce sheds, against off", () => {
    const trace = load(1200, 2);
    const a = replay(policy({ ...FOUR, mode: "off" }), trace);
    const b = replay(policy(FOUR), trace);

    const { rows, differing } = reportReplay(a, b);

    const shed = rows[0]!.b!.shed;
    assert.ok(shed > 0);
    assert.deepEqual(differing, { requests: shed, shedOnlyUnderA: 0, shedOnlyUnderB: shed });
  });

  it("loses no request: the rows of each side add up to the trace", () => {
    const trace = load(900, 3, (index) => ({ "x-c": String(index % 3) }));
    const { requests, rows } = reportReplay(
      replay(policy(TIERS), trace),
      replay(policy(FOUR), trace),
    );

    assert.equal(requests, 2700);
    for (const side of ["a", "b"] as const) {
      const sum = (what: "offered" | "admitted" | "shed") =>
        rows.reduce((total, row) => total + row[side]![what], 0);
      assert.equal(sum("offered"), 2700);
      assert.equal(sum("admitted") + sum("shed"), 2700);
    }
  });
});
