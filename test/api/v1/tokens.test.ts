import assert from "node:assert/strict";
import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { exampleApi, TOKEN } from "../../support/operators/example-api.ts";
import {
  goodClaims,
  type IdentityProvider,
  identityProvider,
} from "../../support/operators/identity-provider.ts";

const now = () => Math.floor(Date.now() / 1000);
const ADMIN = { roles: ["admin"] };

describe("API v1, tokens", () => {
  let provider: IdentityProvider;

  before(async () => {
    provider = await identityProvider();
  });

  function apiAt(host: string) {
    const access = { jwt: provider.access, accounts: [] };
    return exampleApi({ host, credentials: { localToken: TOKEN, access } });
  }

  const BAD: Readonly<Record<string, () => Promise<string> | string>> = {
    "a word": () => "secret",
    "this machine's token with a letter more": () => `${TOKEN}x`,
    "alg none": () => new UnsecuredJWT(goodClaims(ADMIN)).encode(),
    "HS256 with the public key as its secret": () =>
      new SignJWT(goodClaims(ADMIN))
        .setProtectedHeader({ alg: "HS256", kid: "k1" })
        .sign(new TextEncoder().encode(provider.publicPem)),
    "another key": async () =>
      new SignJWT(goodClaims(ADMIN))
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .sign((await generateKeyPair("ES256")).privateKey),
    "a key id nobody has": () => provider.token(ADMIN, { alg: "ES256", kid: "k2" }),
    "another audience": () => provider.token({ ...ADMIN, aud: "shop" }),
    "no audience": () => provider.token({ ...ADMIN, aud: undefined as never }),
    "another issuer": () => provider.token({ ...ADMIN, iss: "https://evil.example" }),
    "no subject": () => provider.token({ ...ADMIN, sub: undefined as never }),
    "no expiry": () => provider.token({ ...ADMIN, exp: undefined as never }),
    "an expiry 61 s ago": () => provider.token({ ...ADMIN, exp: now() - 61 }),
    "a begin in 120 s": () => provider.token({ ...ADMIN, nbf: now() + 120 }),
    "an issue 2 days ago": () => provider.token({ ...ADMIN, iat: now() - 172_800 }),
    "a changed claim": async () => {
      const [head, , signature] = (await provider.token({ roles: ["viewer"] })).split(".");
      const body = Buffer.from(JSON.stringify(goodClaims(ADMIN))).toString("base64url");
      return `${head}.${body}.${signature}`;
    },
  };

  for (const [what, make] of Object.entries(BAD)) {
    it(`answers ${what} with 401 for reading and for an order, and says nothing of it`, async () => {
      const token = await make();
      const api = apiAt("127.0.0.1");

      const read = await api.get("/v1", { authorization: `Bearer ${token}` });
      const order = await api.post("/v1/freeze", { reason: "x" }, token);

      assert.equal(read.status, 401);
      assert.equal(order.status, 401);
      assert.deepEqual(api.mesh.orders, []);
      assert.equal(api.audited.filter(({ kind }) => kind === "refusal").length, 2);
      assert.ok(!JSON.stringify([await read.text(), api.audited]).includes(token));
    });
  }

  it("takes a token that expired 50 s ago, within the leeway of a minute", async () => {
    const token = await provider.token({ ...ADMIN, exp: now() - 50, iat: now() - 300 });

    assert.equal((await apiAt("0.0.0.0").post("/v1/freeze", { reason: "x" }, token)).status, 200);
  });

  for (const path of ["/v1", "/v1/events", "/status", "/proxies"]) {
    it(`answers GET ${path} without a token on loopback with 200, elsewhere with 401`, async () => {
      const open = await apiAt("127.0.0.1").get(path);
      await open.body?.cancel();

      assert.equal(open.status, 200);
      assert.equal((await apiAt("0.0.0.0").get(path)).status, 401);
    });
  }

  it("answers /metrics, /healthz and /readyz without a token everywhere", async () => {
    for (const path of ["/metrics", "/healthz", "/readyz"])
      assert.equal((await apiAt("0.0.0.0").get(path)).status, 200);
  });

  for (const header of ["Basic dTpw", "Bearer", "Bearer a b", `Bearer ${"x".repeat(8193)}`]) {
    it(`answers Authorization ${header.slice(0, 12)} with 401`, async () => {
      assert.equal((await apiAt("127.0.0.1").get("/v1", { authorization: header })).status, 401);
    });
  }

  it("answers the 21st wrong token of a second with 429, and a good one still with 200", async () => {
    const api = apiAt("127.0.0.1");
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => api.get("/v1", { authorization: `Bearer x${at}` })),
    );

    const statuses = answers.map(({ status }) => status);
    assert.ok(statuses.filter((status) => status === 429).length >= 18, statuses.join());
    assert.ok(api.audited.length <= 22);
    assert.equal((await api.get("/v1", { authorization: `Bearer ${TOKEN}` })).status, 200);
  });
});
