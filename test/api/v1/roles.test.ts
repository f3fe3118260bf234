import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MAY, ROLES, VERBS, type Verb } from "../../../src/api/auth/roles.ts";
import { ORDERS } from "../../../src/api/v1/orders.ts";
import { exampleApi } from "../../support/operators/example-api.ts";
import {
  type IdentityProvider,
  identityProvider,
} from "../../support/operators/identity-provider.ts";

const BODIES: Partial<Record<Verb, unknown>> = {
  override: { knob: "canary.weight@checkout", value: 5, ttlSeconds: 600, reason: "test" },
  label: { actionable: "no" },
  apply: { without: ["Service/checkout"], reason: "test" },
};
const TARGETS: Readonly<Record<string, string>> = {
  name: "checkout",
  decision: "t9k2-4be1d0",
  id: encodeURIComponent("order/t9f0/rateLimit.api-per-tenant.factor"),
};

describe("API v1, who may", () => {
  let provider: IdentityProvider;

  before(async () => {
    provider = await identityProvider();
  });

  function apiFor(accounts: readonly object[] = []) {
    const access = { jwt: provider.access, accounts: accounts as never };
    return exampleApi({ host: "0.0.0.0", credentials: { access } });
  }

  function ask(api: ReturnType<typeof apiFor>, verb: Verb, token: string): Promise<Response> {
    const order = ORDERS.find((each) => each.verb === verb);
    if (order === undefined)
      return Promise.resolve(api.get("/v1", { authorization: `Bearer ${token}` }));
    const path = order.path.replace(/\{(\w+)\}/, (_, name: string) =>
      verb === "label" ? "9f31c2" : TARGETS[name]!,
    );
    return Promise.resolve(api.post(path, BODIES[verb] ?? { reason: "because" }, token));
  }

  it(`has ${VERBS.length} verbs, each but read with 1 order`, () => {
    const orders = ORDERS.map(({ verb }) => verb).sort();
    assert.deepEqual(orders, VERBS.filter((verb) => verb !== "read").sort());
  });

  for (const role of ROLES) {
    for (const verb of VERBS) {
      const status = MAY[role].includes(verb) ? 200 : 403;
      it(`answers ${verb} of a ${role} with ${status}`, async () => {
        const api = apiFor();
        const response = await ask(api, verb, await provider.token({ roles: [role] }));

        assert.equal(response.status, status);
        assert.equal(api.mesh.orders.length, status === 200 && verb !== "read" ? 1 : 0);
        if (status === 403) {
          const [refusal] = api.audited;
          assert.equal(refusal?.kind, "refusal");
          assert.equal(refusal?.actor, "mira");
        }
      });
    }
  }

  it("tells the engine the groups of a token beside its roles", async () => {
    const api = apiFor();
    await ask(api, "promote", await provider.token({ roles: ["sre", "operator", 7] }));
    assert.deepEqual(api.mesh.orders[0]?.roles, ["operator", "sre"]);
  });

  it("lets nobody in for roles it does not know, and for none", async () => {
    for (const roles of [["root"], [], "Admin", undefined, { admin: true }]) {
      const token = await provider.token({ roles });
      assert.equal((await ask(apiFor(), "read", token)).status, 403);
    }
  });

  describe("service accounts", () => {
    const token = "ci-secret";
    const account = (parts: object) => ({
      name: "ci",
      tokenSha256: createHash("sha256").update(token).digest("hex"),
      verbs: ["promote", "override"],
      ...parts,
    });

    for (const verb of VERBS) {
      const status = verb === "promote" || verb === "override" ? 200 : 403;
      it(`answers ${verb} of one for promote and override with ${status}`, async () => {
        assert.equal((await ask(apiFor([account({})]), verb, token)).status, status);
      });
    }

    for (const [services, status] of [
      [["checkout"], 200],
      [["search", "checkout"], 200],
      [["search"], 403],
    ] as const) {
      it(`answers promote of checkout for one of ${services.join(", ")} with ${status}`, async () => {
        const api = apiFor([account({ services })]);

        assert.equal((await ask(api, "promote", token)).status, status);
        assert.equal((await ask(api, "override", token)).status, status);
      });
    }

    it("lets one of a service hold no knob whose service nobody knows", async () => {
      const api = apiFor([account({ services: ["checkout"] })]);
      const body = { knob: "rateLimit.x.factor", value: 1, ttlSeconds: 60, reason: "x" };

      assert.equal((await api.post("/v1/overrides", body, token)).status, 403);
      assert.deepEqual(api.mesh.orders, []);
    });
  });
});
