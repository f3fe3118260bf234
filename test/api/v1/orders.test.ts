import assert from "node:assert/strict";
import { ORDERS } from "../../../src/api/v1/orders.ts";
import { exampleApi, TOKEN } from "../../support/operators/example-api.ts";

const BODIES: Readonly<Record<string, unknown>> = {
  "/v1/overrides": { knob: "rateLimit.x.factor", value: 0.5, ttlSeconds: 600, reason: "test" },
  "/v1/alerts/{id}/label": { actionable: "no" },
  "/v1/intent": { files: [{ path: "a.yaml", text: "" }], reason: "test" },
};

describe("API v1, orders", () => {
  for (const { path, verb } of ORDERS) {
    it(`gives the engine ${verb} from POST ${path}, written down before`, async () => {
      const { post, mesh, audited } = exampleApi();
      const body = BODIES[path] ?? { reason: "because" };

      const response = await post(path.replace(/\{\w+\}/, "order%2Fa.b"), body);

      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { record: "r-1" });
      const [order] = mesh.orders;
      assert.equal(order?.what.kind, verb);
      assert.equal(order?.by, "local");
      if (path.includes("{")) assert.ok(Object.values(order.what).includes("order/a.b"));
      assert.deepEqual(
        audited.map(({ kind, actor, verb }) => [kind, actor, verb]),
        [["order", "local", verb]],
      );
    });

    it(`wants a token for POST ${path}, and writes the refusal down`, async () => {
      const { app, mesh, audited } = exampleApi();

      const response = await app.request(`http://127.0.0.1${path}`, { method: "POST" });

      assert.equal(response.status, 401);
      assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
      assert.deepEqual(mesh.orders, []);
      assert.deepEqual(
        audited.map(({ kind, actor }) => [kind, actor]),
        [["refusal", "anonymous"]],
      );
    });
  }

  for (const [kind, status] of [
    ["unknown", 404],
    ["conflict", 409],
    ["invalid", 422],
    ["unavailable", 503],
  ] as const) {
    it(`answers ${status} when the engine says ${kind}, with its sentence`, async () => {
      const { post, mesh, audited } = exampleApi();
      mesh.answer = { ok: false, kind, why: "It is already promoted." };

      const response = await post("/v1/rollouts/checkout/promote");

      assert.equal(response.status, status);
      const { detail } = (await response.json()) as { detail: string };
      assert.equal(detail, "It is already promoted.");
      assert.deepEqual(
        audited.map((event) => event.kind),
        ["order", "refusal"],
      );
    });
  }

  it("gives no order that cannot be written down", async () => {
    const { post, mesh } = exampleApi({
      audit: () => Promise.reject(new Error("disk full")),
    });

    const response = await post("/v1/freeze", { reason: "now" });

    assert.equal(response.status, 503);
    assert.deepEqual(mesh.orders, []);
  });

  it("answers 404 where there is no engine", async () => {
    const { app } = exampleApi();
    assert.ok(app);
    const { post } = exampleApi({ commands: undefined as never });

    assert.equal((await post("/v1/freeze", { reason: "now" })).status, 404);
  });

  for (const [what, body, status] of [
    ["no reason", {}, 422],
    ["an empty reason", { reason: "  " }, 422],
    ["a field nobody knows", { reason: "x", force: true }, 422],
    ["an array", [], 422],
    ["null", null, 422],
    ["no JSON", "{", 400],
  ] as const) {
    it(`answers a freeze with ${what} with ${status}, and gives nothing`, async () => {
      const { post, mesh } = exampleApi();

      const response = await post("/v1/freeze", body);

      assert.equal(response.status, status);
      assert.deepEqual(mesh.orders, []);
    });
  }

  it("answers a form of a web page with 415", async () => {
    const { app } = exampleApi();

    const response = await app.request("http://127.0.0.1/v1/freeze", {
      method: "POST",
      body: "reason=x",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Bearer ${TOKEN}`,
      },
    });

    assert.equal(response.status, 415);
  });

  it("refuses the 51st order of a second with 429, and reads go on", async () => {
    const { post, get, mesh } = exampleApi();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => post("/v1/freeze", { reason: "again" })),
    );

    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 9, `${refused.length} refused`);
    assert.equal(refused[0]?.headers.get("retry-after"), "1");
    assert.equal(mesh.orders.length, 60 - refused.length);
    assert.equal((await get("/v1")).status, 200);
  });
});
