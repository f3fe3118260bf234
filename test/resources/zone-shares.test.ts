import assert from "node:assert/strict";
import fc from "fast-check";
import type { Locality } from "../../src/policy/intent/endpoint.ts";
import type { Service } from "../../src/policy/intent/service.ts";
import { buildCluster } from "../../src/resources/cluster.ts";
import { buildEndpoints } from "../../src/resources/endpoint.ts";
import { type LocalCluster, localClusterOf } from "../../src/resources/local-cluster.ts";
import { sharesByZone, weightsByZone } from "../../src/resources/zone-shares.ts";
import { endpoint, service } from "../support/policy-set.ts";

const SIDECAR = { role: "sidecar", service: "front" } as const;
const HERE: Locality = { region: "eu", zone: "a" };
const at = (place: string, weight = 1) => {
  const [region = "", zone = ""] = place.split("/");
  return { ...endpoint({ weight }), locality: { region, zone } };
};

/** The sidecars of `front` as the one at eu/a knows them. */
function callers(weights: Readonly<Record<string, number>>): LocalCluster {
  const endpoints = Object.entries(weights).map(([place, weight]) => at(place, weight));
  const front = service({ name: "front", versions: [{ name: "v1", endpoints }] });
  const local = localClusterOf(SIDECAR, [front], HERE);
  assert.ok(local);
  return local;
}

const zones = (weights: Readonly<Record<string, number>>) =>
  Object.entries(weights).map(([place, weight]) => ({ locality: at(place).locality, weight }));

const ZONES = ["eu/a", "eu/b", "eu/c", "eu/d"];
const some = (min: number) => fc.tuple(...ZONES.map(() => fc.integer({ min, max: 50 })));
const asRecord = (weights: readonly number[]) =>
  Object.fromEntries(ZONES.map((place, at) => [place, weights[at] ?? 0]));

describe("zone-aware shares", () => {
  it("keep 50 % where 4 of 6 callers meet 2 of 6 endpoints, and give 25 % to each of two others", () => {
    const local = callers({ "eu/a": 4, "eu/b": 1, "eu/c": 1 });
    const shares = [...sharesByZone(zones({ "eu/a": 2, "eu/b": 2, "eu/c": 2 }), local).values()];

    assert.deepEqual(
      shares.map((share) => Math.round(share * 1000)),
      [500, 250, 250],
    );
  });

  it("add up to 1, and no zone gets more of all calls than its share of the endpoints (500 meshes)", () => {
    fc.assert(
      fc.property(some(1), some(1), (calling, serving) => {
        const shares = ZONES.map((here) => {
          const [region = "", zone = ""] = here.split("/");
          const local = { ...callers(asRecord(calling)), place: { region, zone } };
          return [...sharesByZone(zones(asRecord(serving)), local).values()];
        });
        const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
        for (const row of shares) assert.ok(Math.abs(sum(row) - 1) < 1e-9);
        for (const [to, weight] of serving.entries()) {
          const load = sum(
            shares.map((row, from) => ((calling[from] ?? 0) / sum(calling)) * (row[to] ?? 0)),
          );
          assert.ok(load <= weight / sum(serving) + 1e-9);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are what Envoy makes of the weights found for them (500 splits)", () => {
    fc.assert(
      fc.property(some(1), some(1), (calling, wanted) => {
        const local = callers(asRecord(calling));
        const whole = wanted.reduce((sum, each) => sum + each, 0);
        const shares = new Map(
          zones(asRecord(wanted)).map((zone) => [zone, zone.weight / whole] as const),
        );
        const weighed = [...weightsByZone(shares, local)].map(([zone, weight]) => ({
          ...zone,
          weight,
        }));
        const found = [...sharesByZone(weighed, local).values()];

        for (const [at, share] of [...shares.values()].entries()) {
          assert.ok(
            Math.abs((found[at] ?? 0) - share) < 1e-9,
            `${found} is not ${[...shares.values()]}`,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a Service that prefers zones", () => {
  const stock = (parts: Partial<Service> = {}) => {
    const endpoints = ["eu/a", "eu/b", "us/a"].map((place) => at(place));
    return service({
      name: "stock",
      prefersZone: true,
      versions: [{ name: "v1", endpoints }],
      ...parts,
    });
  };
  const local = callers({ "eu/a": 1, "eu/b": 1 });
  const bodyOf = (one: Service, how: object) =>
    JSON.stringify(
      buildCluster(one, one.versions[0]!, { role: SIDECAR, identity: undefined, ...how }).body,
    );

  for (const [what, role, place, places, isThere] of [
    ["a sidecar where its Service has endpoints", SIDECAR, HERE, ["eu/a", "eu/b"], true],
    ["a gateway", { role: "gateway", name: "front" }, HERE, ["eu/a", "eu/b"], false],
    ["a sidecar that does not say its zone", SIDECAR, { region: "eu", zone: "" }, ["eu/a"], false],
    ["a sidecar whose Service is elsewhere", SIDECAR, HERE, ["eu/b", "us/a"], false],
    ["a sidecar whose Service says no places", SIDECAR, HERE, [""], false],
  ] as const) {
    it(`is balanced by zone for ${what}: ${isThere ? "yes" : "no, by priority"}`, () => {
      const endpoints = places.map((each) => (each === "" ? endpoint({}) : at(each)));
      const front = service({ name: "front", versions: [{ name: "v1", endpoints }] });
      const known = localClusterOf(role, [front], place);

      assert.equal(known !== undefined, isThere);
      assert.equal(bodyOf(stock(), known ? { local: known } : {}).includes("zone_aware"), isThere);
      assert.equal(
        bodyOf(stock({ prefersZone: undefined } as never), { local }).includes("zone_aware"),
        false,
      );
    });
  }

  it("gives 40 % of the calls of eu/a to us/a when eu/a is shifted from, by the weights of its endpoints", () => {
    const shifts = [{ from: "eu/a", ratio: 0.4, to: { "us/a": 1 } }];
    const one = stock({ shifts });
    const { endpoints } = buildEndpoints(one, one.versions[0]!, { place: HERE, local })
      .body as unknown as {
      readonly endpoints: readonly {
        readonly priority?: number;
        readonly locality: Locality;
        readonly lb_endpoints: readonly { readonly load_balancing_weight: number }[];
      }[];
    };
    const told = endpoints.map(({ locality, lb_endpoints: [first] }) => ({
      ...{ locality, weight: first?.load_balancing_weight ?? 0 },
    }));
    const shares = [...sharesByZone(told, local).values()].map((share) => Math.round(share * 1000));

    assert.deepEqual(
      endpoints.map(({ priority = 0 }) => priority),
      [0, 0, 0],
    );
    assert.deepEqual(shares, [600, 0, 400]);
  });
});
