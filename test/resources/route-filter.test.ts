import assert from "node:assert/strict";
import type { RouteFilter } from "../../src/policy/intent/route-filter.ts";
import { Catalog } from "../../src/resources/catalog.ts";
import { actionJson, redirectJson } from "../../src/resources/route-filter.ts";
import { policySet, service } from "../support/policy-set.ts";

const ROOT = { type: "PathPrefix", value: "/" } as const;

describe("redirectJson", () => {
  for (const [what, filter, listenerPort, expected] of [
    ["the port it names", { port: 8443, scheme: "https" }, 8000, 8443],
    [
      "443 for https on the client's host, whose header may say 8000",
      { scheme: "https" },
      8000,
      443,
    ],
    [
      "no port for https on a new host",
      { scheme: "https", hostname: "x.example" },
      8000,
      undefined,
    ],
    ["the listener's 8000 on a new host", { hostname: "x.example" }, 8000, 8000],
    ["no port on a new host from listener port 80", { hostname: "x.example" }, 80, undefined],
    ["no port on a new host from a port Envoy picked", { hostname: "x.example" }, 0, undefined],
    ["the client's port on the client's host", {}, 8000, undefined],
  ] as const) {
    it(`sends to ${what}`, () => {
      const redirect = redirectJson(
        [{ kind: "redirect", statusCode: 302, ...filter }],
        ROOT,
        listenerPort,
      );

      assert.equal(redirect?.port_redirect, expected);
    });
  }
});

describe("actionJson", () => {
  it("mirrors a half to a service of shares 3 : 1 : 0 as 37.5 % and 12.5 %", () => {
    const versions = ["v1", "v2", "v3"].map((name) => ({ name, endpoints: [] }));
    const mirrored = service({ name: "shadow", versions, weights: { v1: 3, v2: 1, v3: 0 } });
    const filter: RouteFilter = {
      kind: "mirror",
      backend: { service: "shadow", weight: 0 },
      fraction: { numerator: 1, denominator: 2 },
    };

    const action = actionJson([filter], ROOT, new Catalog(policySet({ services: [mirrored] })));

    const share = (numerator: number) => ({
      runtime_fraction: { default_value: { numerator, denominator: "MILLION" } },
    });
    assert.deepEqual(action.request_mirror_policies, [
      { cluster: "shadow.v1", ...share(375_000) },
      { cluster: "shadow.v2", ...share(125_000) },
    ]);
  });
});
