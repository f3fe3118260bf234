import assert from "node:assert/strict";
import type { Endpoint } from "../../src/policy/intent/endpoint.ts";
import type { Service } from "../../src/policy/intent/service.ts";
import { buildEndpoints } from "../../src/resources/endpoint.ts";
import { endpoint, service } from "../support/policy-set.ts";

interface Assignment {
  readonly endpoints: readonly {
    readonly locality?: { readonly region: string; readonly zone: string };
    readonly priority?: number;
    readonly load_balancing_weight: number;
    readonly lb_endpoints: readonly { readonly health_status?: string }[];
  }[];
}

const PLACES = ["eu/a", "eu/b", "us/a", "asia/a", ""];

function at(place: string, more: Partial<Endpoint> = {}): Endpoint {
  const [region = "", zone = ""] = place.split("/");
  return endpoint({ ...more, ...(place !== "" && { locality: { region, zone } }) });
}

function assignment(
  parts: Partial<Service>,
  endpoints: readonly Endpoint[],
  from?: string,
): Assignment {
  const one = service({ ...parts, versions: [{ name: "v1", endpoints }] });
  const [region = "", zone = ""] = from?.split("/") ?? [];
  const place = from === undefined ? undefined : { region, zone };
  const at = place === undefined ? {} : { place };
  return buildEndpoints(one, one.versions[0]!, at).body as unknown as Assignment;
}

function priorities(parts: Partial<Service>, from?: string): Record<string, number> {
  const { endpoints } = assignment(
    parts,
    PLACES.map((place) => at(place)),
    from,
  );
  return Object.fromEntries(
    endpoints.map(({ locality, priority = 0 }) => [
      locality === undefined ? "" : `${locality.region}/${locality.zone}`,
      priority,
    ]),
  );
}

describe("endpoints for an Envoy", () => {
  const failover = { eu: ["us"] };
  for (const [what, parts, from, expected] of [
    ["at eu/a without failover", {}, "eu/a", [0, 0, 0, 0, 0]],
    ["nowhere", { failover }, undefined, [0, 0, 0, 0, 0]],
    ["at eu/a", { failover }, "eu/a", [0, 0, 1, 2, 2]],
    ["at us/a, for which nothing is written", { failover }, "us/a", [1, 1, 0, 1, 1]],
    ["in a region without endpoints", { failover: { ca: ["us"] } }, "ca/a", [1, 1, 0, 1, 1]],
    ["at eu/a that prefers its zone", { prefersZone: true }, "eu/a", [0, 1, 2, 2, 2]],
    ["at eu/a, both", { failover, prefersZone: true }, "eu/a", [0, 1, 2, 3, 3]],
    ["at eu without a zone", { prefersZone: true }, "eu/", [0, 0, 1, 1, 1]],
  ] as const) {
    it(`${what} have the priorities ${expected.join(", ")}`, () => {
      const given = priorities(parts as Partial<Service>, from);

      assert.deepEqual(
        PLACES.map((place) => given[place]),
        expected,
      );
    });
  }

  it("leave out 1 that drains, count it in no weight, and say of 2 others how they are", () => {
    const endpoints = [
      at("eu/a", { port: 1, weight: 5, health: "draining" }),
      at("eu/a", { port: 2, health: "unhealthy" }),
      at("eu/a", { port: 3, health: "degraded" }),
      at("eu/a", { port: 4 }),
    ];

    const [group] = assignment({}, endpoints).endpoints;

    assert.equal(group?.load_balancing_weight, 3);
    assert.deepEqual(
      group?.lb_endpoints.map(({ health_status: health }) => health),
      ["UNHEALTHY", "DEGRADED", undefined],
    );
  });

  const SHIFTS = [{ from: "eu/a", ratio: 0.4, to: { "us/a": 0.75, "asia/a": 0.25 } }];
  for (const [what, parts, from, expected] of [
    [
      "spread over all",
      {},
      undefined,
      [
        [0, 120_000],
        [0, 200_000],
        [0, 260_000],
        [0, 220_000],
        [0, 200_000],
      ],
    ],
    [
      "of its region, in which two stand in",
      { failover },
      "eu/a",
      [
        [0, 300_000],
        [0, 500_000],
        [0, 150_000],
        [0, 50_000],
        [1, 1],
      ],
    ],
    [
      "of its zone alone",
      { prefersZone: true },
      "eu/a",
      [
        [0, 600_000],
        [1, 1],
        [0, 300_000],
        [0, 100_000],
        [2, 1],
      ],
    ],
    [
      "of another region",
      { failover },
      "us/a",
      [
        [1, 1],
        [1, 1],
        [0, 1],
        [1, 1],
        [1, 1],
      ],
    ],
  ] as const) {
    it(`give 40 % of eu/a to us/a and asia/a, 3 to 1, where an Envoy's requests are ${what}`, () => {
      const { endpoints } = assignment(
        { ...(parts as Partial<Service>), shifts: SHIFTS },
        PLACES.map((place) => at(place)),
        from,
      );
      const given = Object.fromEntries(
        endpoints.map(({ locality, priority = 0, load_balancing_weight: weight }) => [
          locality === undefined ? "" : `${locality.region}/${locality.zone}`,
          [priority, weight],
        ]),
      );
      assert.deepEqual(
        PLACES.map((place) => given[place]),
        expected,
      );
    });
  }

  it("are an explicit empty list when all of them drain", () => {
    assert.deepEqual(assignment({}, [at("eu/a", { health: "draining" })]).endpoints, []);
  });
});
