import type { Gateway } from "../policy/policy-set.ts";
import { LISTENER_TYPE } from "../proto/type-url.ts";
import { connectionManager } from "./connection-manager.ts";
import { portName } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";

/**
 * One Envoy listener per port of a gateway; the gateway's listeners of that port are told apart by hostname, in the
 * route configuration. Changing a listener drains its connections, so everything that moves lives elsewhere: routes in
 * RDS, the shedding filter's configuration in ECDS.
 * A listener opens only with its routes and its filter: without them it would answer 404 and 500. While it waits for
 * new ones, Envoy serves with the old.
 * `stripped`: headers that nobody may send in; they are gone before routes and filters look.
 */
export function buildListener(
  gateway: Gateway,
  port: number,
  stripped: readonly string[],
): EnvoyResource {
  const name = portName(gateway.name, port);
  const [first = "0.0.0.0", ...others] = gateway.addresses;
  const body = {
    name,
    address: addressJson(first, port),
    ...(others.length > 0 && {
      additional_addresses: others.map((address) => ({ address: addressJson(address, port) })),
    }),
    filter_chains: [{ filters: [connectionManager({ name, peer: { kind: "client", stripped } })] }],
  };
  return { typeUrl: LISTENER_TYPE, name, body };
}

export function addressJson(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}
