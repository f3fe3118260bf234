import assert from "node:assert/strict";
import type { Service, ServiceTls } from "../../src/policy/intent/service.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { CLUSTER_TYPE, LISTENER_TYPE, SECRET_TYPE } from "../../src/proto/type-url.ts";
import { buildResources } from "../../src/resources/build.ts";
import { gateway, httpRoute, policySet, service } from "../support/policy-set.ts";

const IDENTITY = {
  trustDomain: "shop.example",
  authorities: "AUTHORITIES",
  certificate: "CERTIFICATE",
  privateKey: "PRIVATE KEY",
};
const SIDECAR = { inbound: 15006, app: { host: "127.0.0.1", port: 3000 }, outbound: 15001 };
const EDGE = { role: "gateway", name: "edge" } as const;
const CHECKOUT = { role: "sidecar", service: "checkout" } as const;

function set(tls?: ServiceTls, more: Partial<Service> = { sidecar: SIDECAR }) {
  const checkout = service({ ...more, ...(tls && { tls }) });
  return policySet({ gateways: [gateway()], httpRoutes: [httpRoute()], services: [checkout] });
}

describe("TLS of the mesh in resources", () => {
  function chains(tls?: ServiceTls, identity?: typeof IDENTITY): string[] {
    const built = buildResources(set(tls), CHECKOUT, {
      filterWasm: "/f.wasm",
      ...(identity && { identity }),
    });
    const listener = built.find(({ name }) => name === "checkout_inbound_15006");
    assert.ok(listener);
    const { filter_chains: some, default_filter_chain: rest } = listener.body as unknown as {
      readonly filter_chains: readonly { readonly name: string }[];
      readonly default_filter_chain?: { readonly name: string };
    };
    return [...some, ...(rest ? [rest] : [])].map(({ name }) => name);
  }

  for (const [mode, identity, expected] of [
    [undefined, undefined, ["loopback", "network"]],
    [undefined, IDENTITY, ["mesh", "loopback", "network"]],
    ["permissive", IDENTITY, ["mesh", "network"]],
    ["strict", IDENTITY, ["mesh"]],
  ] as const) {
    it(`takes ${expected.join(" and ")} with mode ${mode} and ${identity ? "a" : "no"} certificate`, () => {
      assert.deepEqual(chains(mode && { mode }, identity), expected);
    });
  }

  for (const role of [EDGE, CHECKOUT]) {
    it(`is refused with a sentence at the ${role.role} that has no certificate`, () => {
      assert.throws(
        () => buildResources(set({ mode: "strict" }), role, { filterWasm: "/f.wasm" }),
        /^Error: Service checkout has tls, and (gateway.edge|sidecar.checkout) has no certificate to show: start qmesh serve with --certs/,
      );
    });
  }

  it("gives a key to the role whose it is in 1 secret, and names 2 secrets in the cluster", () => {
    const options = { filterWasm: "/f.wasm", identity: IDENTITY };
    const built = buildResources(set({ mode: "strict" }), EDGE, options);

    const holding = built.filter(({ body }) => JSON.stringify(body).includes("PRIVATE KEY"));
    assert.deepEqual(
      holding.map(({ typeUrl, name }) => [typeUrl, name]),
      [[SECRET_TYPE, "qmesh_mesh_certificate"]],
    );
    const cluster = built.find(({ typeUrl }) => typeUrl === CLUSTER_TYPE);
    assert.match(JSON.stringify(cluster), /"exact":"spiffe:\/\/shop.example\/sidecar\/checkout"/);
    for (const { typeUrl, body } of built) encodeJson(typeUrl, body);
  });

  it("changes no listener and no cluster when a certificate is renewed", () => {
    const renewed = { ...IDENTITY, certificate: "NEXT", authorities: "MORE" };
    const [before, after] = [IDENTITY, renewed].map((identity) =>
      buildResources(set({ mode: "strict" }), CHECKOUT, { filterWasm: "/f.wasm", identity }),
    );

    const others = (all = before) => all?.filter(({ typeUrl }) => typeUrl !== SECRET_TYPE);
    assert.deepEqual(others(after), others(before));
    assert.ok(others()?.some(({ typeUrl }) => typeUrl === LISTENER_TYPE));
  });

  it("asks a Service outside the mesh for its 1 name and shows it no certificate", () => {
    const tls = { mode: "simple", hostname: "bank.example", authorities: "BANK" } as const;
    const built = buildResources(set(tls, {}), EDGE, { filterWasm: "/f.wasm" });

    const text = JSON.stringify(built.find(({ typeUrl }) => typeUrl === CLUSTER_TYPE));
    assert.match(text, /"sni":"bank.example"/);
    assert.match(text, /{"san_type":"DNS","matcher":{"exact":"bank.example"}}/);
    assert.doesNotMatch(text, /tls_certificate_sds_secret_configs/);
    assert.deepEqual(built.find(({ typeUrl }) => typeUrl === SECRET_TYPE)?.body, {
      name: "checkout_authorities",
      validation_context: { trusted_ca: { inline_string: "BANK" } },
    });
  });
});
