import assert from "node:assert/strict";
import { buildResources } from "../../src/resources/build.ts";
import { buildListener } from "../../src/resources/listener.ts";
import { gateway, httpRoute, policySet, service, shedding } from "../support/policy-set.ts";

const PORT = { port: 8000, hosts: [{ hostname: "*", attachments: [] }] };

describe("buildListener", () => {
  it("listens on every IPv4 interface where the gateway names no address", () => {
    const { body } = buildListener(gateway(), PORT, { stripped: [], logged: [] });

    assert.deepEqual(body.address, {
      socket_address: { address: "0.0.0.0", port_value: 8000 },
    });
    assert.equal(body.additional_addresses, undefined);
  });

  it("has its 5 filters from ECDS in place while no Shedding and no RateLimit holds the gateway, and waits for them", () => {
    const text = JSON.stringify(
      buildListener(gateway(), PORT, { stripped: [], logged: [] }).body.filter_chains,
    );

    assert.match(text, /"name":"qmesh\.shedding","config_discovery":\{[^}]*\{"ads":\{\}/);
    assert.equal(text.match(/"initial_fetch_timeout":"0s"/g)?.length, 6);
  });

  it("strips the two headers of its own and what any of 3 Sheddings trusts from the mesh only, once each, by name", () => {
    const here = { kind: "service", name: "checkout" } as const;
    const set = policySet({
      httpRoutes: [httpRoute()],
      services: [service(), service({ name: "other" })],
      sheddings: [
        shedding({ name: "b", target: here, meshOnlyHeaders: ["x-user", "x-criticality"] }),
        shedding({
          name: "a",
          target: { kind: "gateway", name: "edge" },
          meshOnlyHeaders: ["x-user"],
        }),
        shedding({
          name: "c",
          target: { kind: "service", name: "other" },
          meshOnlyHeaders: ["x-elsewhere"],
        }),
      ],
    });

    const role = { role: "gateway", name: "edge" } as const;
    const built = buildResources(set, role, { filterWasm: "/f.wasm" });

    const text = JSON.stringify(built);
    assert.deepEqual(text.match(/"remove":"[^"]*"/g), [
      '"remove":"x-criticality"',
      '"remove":"x-elsewhere"',
      '"remove":"x-qmesh-tier"',
      '"remove":"x-qmesh-would-shed"',
      '"remove":"x-user"',
    ]);
  });
});
