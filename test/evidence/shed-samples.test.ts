import assert from "node:assert/strict";
import { routeArmsOf } from "../../src/control/arms.ts";
import { ShedSamples } from "../../src/evidence/shed-samples.ts";
import { httpRoute, policySet, rule, service, shedding } from "../support/policy-set.ts";

const tenant = { header: "x-tenant", weights: {} };
const set = policySet({
  services: [service({ name: "shop" }), service({ name: "cart" })],
  sheddings: [shedding({ target: { kind: "service", name: "shop" }, tenant })],
  httpRoutes: [
    httpRoute({ name: "shop", rules: [rule({ backends: [{ service: "shop", weight: 1 }] })] }),
    httpRoute({
      name: "both",
      rules: ["shop", "cart"].map((each) => rule({ backends: [{ service: each, weight: 1 }] })),
    }),
  ],
});

describe("sampled sheds", () => {
  const arms = routeArmsOf(set);
  const sheds = () => new ShedSamples((route) => arms.get(route));
  const sample = (route: string, name: string, isShed = true) => ({
    ...{ cluster: "", status: 429, ms: 0, endpoint: "", tries: 0, requestId: "", route },
    headers: { "x-tenant": name },
    ...(isShed && { isShed: true as const }),
  });

  it("count 5 a second for 3 samples in a minute, by tenant of the service a route leads to, and end after it", () => {
    const counted = sheds();
    counted.observe(1000, [sample("HTTPRoute/shop", "acme"), sample("Service/shop", "acme")]);
    counted.observe(1030, [sample("HTTPRoute/shop", "acme"), sample("HTTPRoute/shop", "free")]);

    assert.deepEqual(
      [...counted.rates("shop", 1031)],
      [
        ["acme", 5],
        ["free", 100 / 60],
      ],
    );
    assert.deepEqual([...counted.rates("shop", 1200)], []);
  });

  it("leave out what was refused for another reason, and a route that leads to 2 services", () => {
    const counted = sheds();
    counted.observe(1000, [sample("HTTPRoute/shop", "acme", false), sample("HTTPRoute/both", "a")]);

    assert.deepEqual([...counted.rates("shop", 1001)], []);
  });

  it("hold 64 tenants of a service: the one unused for longest goes", () => {
    const counted = sheds();
    for (let at = 0; at < 70; at++) counted.observe(1000, [sample("HTTPRoute/shop", `t${at}`)]);

    assert.equal(counted.rates("shop", 1001).size, 64);
    assert.equal(counted.rates("shop", 1001).has("t0"), false);
  });
});
