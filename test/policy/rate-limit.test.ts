import assert from "node:assert/strict";
import type { RateLimit } from "../../src/policy/intent/rate-limit.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import { gateway, rateLimit, route, service, shedding, toText } from "./documents.ts";

function read(...documents: unknown[]): readonly RateLimit[] {
  const parsed = parseIntent([{ file: "a.yaml", text: toText([service(), ...documents]) }]);
  assert.ok(parsed.ok, JSON.stringify(parsed.problems));
  return parsed.value.rateLimits;
}

describe("RateLimit", () => {
  it("is local, enforced, in one bucket and holds 1 second of its rate unless it says otherwise", () => {
    assert.deepEqual(read(rateLimit({ rate: "400/s" })), [
      {
        name: "shop",
        owner: "team",
        target: { kind: "service", name: "shop" },
        rate: { requests: 400, perMs: 1000 },
        burst: 400,
        per: [],
        mode: "enforce",
        scope: "local",
      },
    ]);
  });

  for (const [written, perMs, burst] of [
    ["90/s", 1000, 90],
    ["90/m", 60_000, 2],
    ["90/h", 3_600_000, 1],
    ["90/d", 86_400_000, 1],
  ] as const) {
    it(`reads ${written} as 90 requests in ${perMs} ms, with ${burst} tokens`, () => {
      const [limit] = read(rateLimit({ rate: written }));

      assert.deepEqual(limit?.rate, { requests: 90, perMs });
      assert.equal(limit?.burst, burst);
    });
  }

  it("is counted by each Envoy while the service is away, if it is global and does not say otherwise", () => {
    const [limit] = read(rateLimit({ scope: "global" }));

    assert.equal(limit?.scope === "global" && limit.onUnavailable, "local");
  });

  it("takes for `tenant` the header of the Shedding of its own target, and keeps the order of keys", () => {
    const documents = [
      shedding({ tenant: { header: "X-Tenant" } }),
      shedding({ target: { gateway: "edge" }, tenant: { header: "x-other" } }, "wider"),
      gateway(),
      route(),
    ];
    const [limit] = read(rateLimit({ per: ["address", "tenant"] }), ...documents);

    assert.deepEqual(limit?.per, [{ kind: "address" }, { kind: "header", name: "x-tenant" }]);
  });

  it("may share a rule between Services where the route has a limit of its own", () => {
    const limits = read(
      gateway(),
      service({}, "other"),
      route({ backendRefs: [{ name: "shop" }, { name: "other" }] }),
      rateLimit(),
      rateLimit({ target: { route: "shop" } }, "narrow"),
    );

    assert.deepEqual(
      limits.map(({ name }) => name),
      ["narrow", "shop"],
    );
  });
});
