import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Denial } from "../../src/decide/act/effective.ts";
import { Backend } from "../support/backend.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
import { until } from "../support/mesh.ts";
import {
  httpRoute,
  loopbackGateway,
  match,
  oneVersion,
  policySet,
  rule,
  service,
} from "../support/policy-set.ts";
import { ask } from "../support/traffic.ts";

const DENIALS: readonly Denial[] = [
  { id: "a-jti", isShadow: false, move: { kind: "deny", claim: { name: "jti", value: "t-13" } } },
  {
    id: "a-service",
    isShadow: false,
    move: { kind: "deny", service: "shop", claim: { name: "sub", value: "mallory" } },
  },
  {
    id: "a-list",
    isShadow: false,
    move: {
      kind: "deny",
      claim: { name: "groups", value: "partners" },
      exempt: ["infra-*"],
    },
  },
  {
    ...{ id: "a-range", isShadow: false },
    move: {
      kind: "deny",
      any: [{ claim: { name: "sub", value: "trudy" } }, { cidr: "127.7.0.0/24" }],
    },
  },
  { id: "a-shadow", isShadow: true, move: { kind: "deny", claim: { name: "sub", value: "eve" } } },
];

describe("denials by the claims of tokens on a real Envoy", () => {
  let backend: Backend;
  let envoy: FileEnvoy;
  let origin: string;
  let keys: CryptoKeyPair;
  let strange: CryptoKeyPair;
  let keyServer: Server;

  before(async () => {
    backend = await Backend.start("ok");
    [keys, strange] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "1", alg: "RS256" }] };
    const remote = { keys: [{ ...(await exportJWK(strange.publicKey)), kid: "1", alg: "RS256" }] };
    keyServer = createServer((_, response) => response.end(JSON.stringify(remote)));
    keyServer.listen(0, "127.0.0.1");
    await once(keyServer, "listening");
    const { port: keyPort } = keyServer.address() as AddressInfo;
    const keyVersions = oneVersion(keyPort);
    const versions = oneVersion(backend.port);
    const to = (name: string) =>
      httpRoute({
        name,
        rules: [
          rule({
            matches: [match({ path: { type: "PathPrefix", value: `/${name}` } })],
            backends: [{ service: name, weight: 1 }],
          }),
        ],
      });
    const set = policySet({
      gateways: [loopbackGateway()],
      services: [
        service({ name: "shop", versions }),
        service({ name: "blog", versions }),
        service({ name: "partner", versions: keyVersions }),
      ],
      httpRoutes: [to("shop"), to("blog")],
      identities: [
        { name: "idp", issuer: "https://idp", audiences: ["mesh"], jwks: JSON.stringify(jwks) },
        {
          ...{ name: "partner", issuer: "https://partner", audiences: ["mesh"] },
          jwks: { uri: "http://partner.example/keys", service: "partner" },
        },
      ],
    });
    envoy = await startEdge(set, { denials: DENIALS });
    origin = `http://127.0.0.1:${await envoy.port("edge_0")}`;
  });
  after(async () => {
    await envoy?.stop();
    backend?.stop();
    keyServer?.close();
  });

  async function token(
    claims: Record<string, unknown>,
    { key = keys.privateKey, audience = "mesh", issuer = "https://idp" } = {},
  ): Promise<Record<string, string>> {
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime("1h")
      .sign(key);
    return { authorization: `Bearer ${jwt}` };
  }

  async function status(path: string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(`${origin}${path}`, { headers });
    await response.text();
    return response.status;
  }

  it("refuses the one token of a jti with 403, and no other of its owner", async () => {
    assert.equal(await status("/blog", await token({ sub: "bob", jti: "t-13" })), 403);
    assert.equal(await status("/blog", await token({ sub: "bob", jti: "t-14" })), 200);
  });

  it("refuses mallory at the service shop, not at blog", async () => {
    const mallory = await token({ sub: "mallory" });
    assert.deepEqual([await status("/shop", mallory), await status("/blog", mallory)], [403, 200]);
  });

  it("finds a value in a claim that is a list, and spares an exempt sub", async () => {
    const groups = ["staff", "partners"];
    assert.equal(await status("/blog", await token({ sub: "carl", groups })), 403);
    assert.equal(await status("/blog", await token({ sub: "infra-7", groups })), 200);
  });

  it("takes no claim from a token of another key or audience, and lets it pass as one without", async () => {
    const forged = await token({ sub: "mallory" }, { key: strange.privateKey });
    const other = await token({ sub: "mallory" }, { audience: "shop" });
    assert.deepEqual([await status("/shop", forged), await status("/shop", other)], [200, 200]);
    assert.equal(await status("/shop"), 200);
  });

  it("believes a second issuer whose keys Envoy fetches from a Service, and not one in the name of the other", async () => {
    const fetched = { key: strange.privateKey, issuer: "https://partner" };
    const mallory = await token({ sub: "mallory" }, fetched);
    await until("the keys to be there", async () => (await status("/shop", mallory)) === 403);
    assert.equal(await status("/shop", await token({ sub: "alice" }, fetched)), 200);
    const borrowed = await token({ sub: "mallory" }, { issuer: "https://partner" });
    assert.equal(await status("/shop", borrowed), 200);
  });

  it("sends the token on to the service", async () => {
    const headers = await token({ sub: "alice" });
    assert.equal(await status("/shop", headers), 200);
  });

  it("refuses a range, and counts of 4 requests from there the 1 of somebody known whom no denial names", async () => {
    const port = Number(new URL(origin).port);
    const from = async (headers?: Record<string, string>) =>
      (await ask(port, { path: "/blog", localAddress: "127.7.0.9", ...(headers && { headers }) }))
        .status;
    const forged = await token({ sub: "alice" }, { key: strange.privateKey });
    assert.equal(await from(await token({ sub: "alice" })), "403");
    assert.equal(await from(await token({ sub: "trudy" })), "403");
    assert.equal(await from(forged), "403");
    assert.equal(await from(), "403");
    const stats = await envoy.admin("/stats?filter=rbac");
    assert.match(stats, /^http\.edge_0\.rbac\.policy\.a-range-good\.shadow_denied: 1$/m);
  });

  it("counts 2 requests of eve by the rule in shadow, and refuses none", async () => {
    const eve = await token({ sub: "eve" });
    assert.deepEqual([await status("/shop", eve), await status("/blog", eve)], [200, 200]);
    const stats = await envoy.admin("/stats?filter=rbac");
    assert.match(stats, /^http\.edge_0\.rbac\.policy\.a-shadow\.shadow_denied: 2$/m);
    assert.match(stats, /^http\.edge_0\.rbac\.shadow_denied: 3$/m);
  });
});
