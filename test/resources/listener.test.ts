import assert from "node:assert/strict";
import { buildListener } from "../../src/resources/listener.ts";
import { gateway } from "../support/policy-set.ts";

describe("buildListener", () => {
  it("listens on every IPv4 interface where the gateway names no address", () => {
    const { body } = buildListener(gateway(), 8000);

    assert.deepEqual(body.address, {
      socket_address: { address: "0.0.0.0", port_value: 8000 },
    });
    assert.equal(body.additional_addresses, undefined);
  });

  it("has its filter in place while no Shedding holds the gateway, and waits for it", () => {
    const text = JSON.stringify(buildListener(gateway(), 0).body.filter_chains);

    assert.match(text, /"name":"qmesh\.shedding","config_discovery":\{[^}]*\{"ads":\{\}/);
    assert.equal(text.match(/"initial_fetch_timeout":"0s"/g)?.length, 2);
  });
});
